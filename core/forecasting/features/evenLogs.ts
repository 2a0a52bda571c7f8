/** Log demand → evenly spaced slots that divide the day, without gaps: what decompositions and smoothing expect. */
import { binsPerDay } from '../../demand/clock';
import type { DemandView } from './demandView';

export interface EvenLogs {
  /** Mean log of each slot. A slot that was not measured has its usual value, moved by the deviation of its neighbours. */
  readonly logs: Float64Array;
  readonly slotsPerDay: number;
  /** Position of the first slot in the week that begins with day 0 of the epoch, in slots. */
  readonly firstSlot: number;
  /** Slots that were measured. */
  readonly measured: number;
}

/** At most `mostSlots` slots a day, each of whole bins; a slot that the view holds in part is left out. */
export function evenLogs(
  view: DemandView,
  mostSlots: number,
  lift: (timeMs: number) => number = () => 0,
): EvenLogs {
  const { clock } = view.series;
  const day = binsPerDay(clock);
  let bins = Math.max(1, Math.ceil(day / mostSlots));
  while (day % bins !== 0) bins++;
  const slotsPerDay = day / bins;
  const binOfDay = Math.round((((view.timeOf(0) % clock.dayMs) + clock.dayMs) % clock.dayMs) / clock.binMs);
  const skipped = (bins - (binOfDay % bins)) % bins;
  const slots = Math.max(0, Math.floor((view.length - skipped) / bins));
  const logs = Float64Array.from({ length: slots }, (_, slot) => {
    const from = skipped + slot * bins;
    return view.mean(from, from + bins) - lift(view.timeOf(from) + (bins * clock.binMs) / 2);
  });
  const firstMs = view.timeOf(skipped);
  const day0 = Math.floor(firstMs / clock.dayMs);
  const slotOfDay = Math.round((firstMs - day0 * clock.dayMs) / (bins * clock.binMs));
  const firstSlot = (((day0 % 7) + 7) % 7) * slotsPerDay + slotOfDay;
  const measured = logs.reduce((sum, log) => sum + (Number.isNaN(log) ? 0 : 1), 0);
  fillGaps(logs, slotsPerDay);
  return { logs, slotsPerDay, firstSlot, measured };
}

/** Fills NaN in place: the mean of the slot over the days plus the deviation of the neighbours, linear between them. */
export function fillGaps(logs: Float64Array, period: number): void {
  if (!logs.some(Number.isNaN)) return;
  const usual = slotMeans(logs, period);
  let before = -1;
  for (let index = 0; index <= logs.length; index++) {
    if (index < logs.length && Number.isNaN(logs[index]!)) continue;
    const off = (at: number) => logs[at]! - usual[at % period]!;
    const [left, right] = [before, index];
    const leftOff = left >= 0 ? off(left) : right < logs.length ? off(right) : 0;
    const rightOff = right < logs.length ? off(right) : leftOff;
    for (let gap = left + 1; gap < right; gap++)
      logs[gap] = usual[gap % period]! + leftOff + ((rightOff - leftOff) * (gap - left)) / (right - left);
    before = index;
  }
}

/** Mean of the measured logs at each slot of the period; the mean of all where a slot has none, 0 without any. */
export function slotMeans(logs: Float64Array, period: number): Float64Array {
  const sums = new Float64Array(period);
  const found = new Float64Array(period);
  let sum = 0;
  let all = 0;
  logs.forEach((log, index) => {
    if (Number.isNaN(log)) return;
    sums[index % period]! += log;
    found[index % period]!++;
    sum += log;
    all++;
  });
  const mean = all === 0 ? 0 : sum / all;
  return sums.map((slotSum, slot) => (found[slot] === 0 ? mean : slotSum / found[slot]!));
}
