/**
 * A seed → three categories of different shape with two weeks of history, for a demo without traces. All of it is
 * labelled as generated. `checkout` follows the day with a steep morning, `search` has two peaks and campaigns from a
 * calendar, `reports` comes in batches on the hour.
 */
import { binsPerDay } from '../../core/demand/clock';
import type { DemandSeries } from '../../core/demand/series';
import { PamError } from '../../core/errors';
import type { DemandEvent } from '../../core/events/event';
import { seededRandom } from '../../core/statistics/random';
import { arDeviation, standardNormal } from './noise';

export interface WorkloadCategory {
  readonly name: string;
  /** Source of the counts, for people: a file, or `generated (seed 1)`. */
  readonly origin: string;
  readonly series: DemandSeries;
  readonly events: readonly DemandEvent[];
  /** Start of the played window, ms in the time of the series. */
  readonly fromMs: number;
  /** For a category that is played without its events, for comparison: the name of the one that has them. */
  readonly twinOf?: string;
}

const generatedHistoryDays = 14;
const minuteMs = 60_000;
const clock = { binMs: minuteMs, dayMs: 86_400_000 };
/** A Monday; the generated weeks start here. */
const startMs = Date.UTC(2026, 2, 2);
const campaignKind = 'campaign';

/** Minute of the day at which each category’s window starts. Its ramp comes 20 to 30 minutes later. */
const playedFromMinute = { checkout: 7 * 60 + 45, search: 18 * 60 + 35, reports: 9 * 60 + 35 };

/** The same seed gives the same counts. `playedMinutes` must end within the day of the window. */
export function generatedWorkload(seed: number, playedMinutes: number): WorkloadCategory[] {
  const latest = Math.max(...Object.values(playedFromMinute));
  if (playedMinutes > 1_440 - latest)
    throw new PamError(
      'INVALID_INPUT',
      `the generated workload has ${1_440 - latest} minutes to play; expected at most that many, or a trace`,
    );
  const campaigns = campaignsOf(seed);
  const shapes: Record<keyof typeof playedFromMinute, (minute: number, day: number) => number> = {
    checkout: checkoutLevel,
    search: (minute, day) => searchLevel(minute, day) * campaignLift(campaigns, startMs + at(day, minute)),
    reports: reportsLevel(seed),
  };
  return (Object.keys(shapes) as (keyof typeof shapes)[]).map((name, index) => ({
    name,
    origin: `generated (seed ${seed})`,
    series: drawn(shapes[name], seed * 31 + index),
    events: name === 'search' ? campaigns : [],
    fromMs: startMs + at(generatedHistoryDays, playedFromMinute[name]),
  }));
}

const at = (day: number, minute: number): number => (day * 1_440 + minute) * minuteMs;
const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
const bump = (minute: number, centre: number, width: number): number =>
  Math.exp(-(((minute - centre) / width) ** 2) / 2);
const weekdayFactor = (day: number, weekend: number): number => (day % 7 >= 5 ? weekend : 1);

/** Requests a minute: quiet nights, a rise when shops open at 8:15, a slow end after 21:30. */
function checkoutLevel(minute: number, day: number): number {
  const open = logistic((minute - 495) / 7) * logistic((1_290 - minute) / 25);
  return (600 + 2_200 * open * (1 + 0.25 * bump(minute, 750, 60))) * weekdayFactor(day, 0.75);
}

/** Peaks at noon and in the evening. */
function searchLevel(minute: number, day: number): number {
  return (900 + 1_100 * bump(minute, 740, 90) + 900 * bump(minute, 1_200, 110)) * weekdayFactor(day, 1.15);
}

/** Batches on the full hour of the working day that fade within twenty minutes, half as large on the half hour. */
function reportsLevel(seed: number): (minute: number, day: number) => number {
  return (minute, day) => {
    const hour = Math.floor(minute / 60);
    const past = minute % 60;
    const working = hour >= 6 && hour < 20 ? weekdayFactor(day, 0.4) : 0.1;
    const size = 0.9 + 0.2 * seededRandom(seed * 1_000_003 + day * 24 + hour)();
    const batch = (since: number) => (since < 0 ? 0 : logistic((since - 4) / 1.2) * Math.exp(-since / 14));
    return 220 + 1_900 * working * size * (batch(past) + 0.5 * batch(past - 30));
  };
}

/** One campaign every other day at a drawn hour, and one that is announced within the window. */
function campaignsOf(seed: number): DemandEvent[] {
  const random = seededRandom(seed * 7 + 5);
  const events: DemandEvent[] = [];
  for (let day = 1; day < generatedHistoryDays; day += 2)
    events.push(campaign(events.length + 1, at(day, 10 * 60 + Math.floor(random() * 40) * 15)));
  events.push(campaign(events.length + 1, at(generatedHistoryDays, playedFromMinute.search + 25)));
  return events;
}

function campaign(number: number, offsetMs: number): DemandEvent {
  return {
    id: `campaign-${number}`,
    kind: campaignKind,
    title: `Campaign ${number}`,
    startMs: startMs + offsetMs,
    endMs: startMs + offsetMs + 45 * minuteMs,
    source: 'generated-calendar',
  };
}

/** Demand ÷ demand without the campaigns: up to × 1.9 within a quarter of an hour, fading after the end. */
function campaignLift(campaigns: readonly DemandEvent[], timeMs: number): number {
  let lift = 1;
  for (const { startMs: fromMs, endMs } of campaigns) {
    const since = (timeMs - fromMs) / minuteMs;
    if (since < -10 || timeMs > endMs + 60 * minuteMs) continue;
    const fade = timeMs <= endMs ? 1 : Math.exp(-(timeMs - endMs) / (10 * minuteMs));
    lift += 0.9 * logistic((since - 7) / 2) * fade;
  }
  return lift;
}

/** Level → counts: with a slow deviation of a few per cent and Poisson-sized noise. */
function drawn(level: (minute: number, day: number) => number, seed: number): DemandSeries {
  const random = seededRandom(seed);
  const perDay = binsPerDay(clock);
  const counts = new Float64Array((generatedHistoryDays + 1) * perDay);
  const deviation = arDeviation(0.97, 0.008, random);
  for (let bin = 0; bin < counts.length; bin++) {
    const mean = level(bin % perDay, Math.floor(bin / perDay)) * Math.exp(deviation());
    counts[bin] = Math.max(0, Math.round(mean + Math.sqrt(mean) * standardNormal(random)));
  }
  return { clock, startMs, counts };
}
