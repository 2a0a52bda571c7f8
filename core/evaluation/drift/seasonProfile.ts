/** Demand as it comes → what the time of day usually brings, in logs: the last days' means of some minutes each. */
import { type BinClock, binsPerDay } from '../../demand/clock';

/** Slots of a day, where bins are fine enough. */
const slotsPerDay = 144;
/** Days that the mean remembers. */
const memoryDays = 7;

/** Plain data, kept between calls. */
export interface SeasonProfile {
  /** Mean of log(1 + count) a slot; null where nothing was measured yet. */
  readonly means: readonly (number | null)[];
  /** Days behind each mean, at most `memoryDays`. */
  readonly days: readonly number[];
  /** The slot that is being filled. */
  readonly open: { readonly slot: number; readonly sum: number; readonly bins: number };
}

function slotsOf(clock: BinClock): number {
  return Math.max(1, Math.min(slotsPerDay, binsPerDay(clock)));
}

/** Position in the day, in slots. */
function placeOf(clock: BinClock, timeMs: number): number {
  const sinceMidnight = ((timeMs % clock.dayMs) + clock.dayMs) % clock.dayMs;
  return (sinceMidnight / clock.dayMs) * slotsOf(clock);
}

export function emptyProfile(clock: BinClock): SeasonProfile {
  const slots = slotsOf(clock);
  return {
    means: new Array<null>(slots).fill(null),
    days: new Array<number>(slots).fill(0),
    open: { slot: -1, sum: 0, bins: 0 },
  };
}

/** What the bin that starts at `startMs` is expected to be, linear between the middles of slots; NaN when unknown. */
export function expectedAt({ means }: SeasonProfile, clock: BinClock, startMs: number): number {
  const slots = means.length;
  const position = placeOf(clock, startMs + clock.binMs / 2) - 0.5;
  const below = Math.floor(position);
  const low = means[(below + slots) % slots] ?? Number.NaN;
  const high = means[(below + 1) % slots] ?? Number.NaN;
  if (Number.isNaN(low)) return high;
  if (Number.isNaN(high)) return low;
  return low + (high - low) * (position - below);
}

/** The profile with one more bin; `value` NaN = missing. A slot counts once it is over. */
export function withBin(
  profile: SeasonProfile,
  clock: BinClock,
  startMs: number,
  value: number,
): SeasonProfile {
  const slot = Math.floor(placeOf(clock, startMs));
  const closed = slot === profile.open.slot ? profile : closeSlot(profile);
  const { sum, bins } = slot === profile.open.slot ? profile.open : { sum: 0, bins: 0 };
  return {
    ...closed,
    open: Number.isNaN(value) ? { slot, sum, bins } : { slot, sum: sum + value, bins: bins + 1 },
  };
}

/** The next day counts in full, as after a change. */
export function forgetting(profile: SeasonProfile): SeasonProfile {
  return { ...profile, days: profile.days.map(() => 0) };
}

function closeSlot({ means, days, open }: SeasonProfile): SeasonProfile {
  if (open.bins === 0) return { means, days, open };
  const mean = open.sum / open.bins;
  const seen = Math.min(days[open.slot]! + 1, memoryDays);
  const before = seen === 1 ? mean : (means[open.slot] ?? mean);
  return {
    means: means.with(open.slot, before + (mean - before) / seen),
    days: days.with(open.slot, seen),
    open,
  };
}
