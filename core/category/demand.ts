/** Settings of a category → where its demand comes from, and when a bin of it can be read. */
import { describeMatch } from '../routing/rule';
import { chosenSource, type DemandSourceName } from './demandSources';
import type { CategorySettings } from './settings';

/** The one live source of the category. */
export function demandSourceOf({
  demand,
  match,
}: Pick<CategorySettings, 'demand' | 'match'>): DemandSourceName {
  const source = chosenSource(demand, match);
  if (source === null) throw new Error('settings without a source of demand: they were not parsed');
  return source;
}

/** In one line for people: what is routed to it and, unless the proxy counts that, where its counts come from. */
export function describeRequests(category: Pick<CategorySettings, 'match' | 'demand'>): string {
  const { match, demand } = category;
  const source = chosenSource(demand, match);
  const routed = match === undefined ? 'not routed' : describeMatch(match);
  return source === 'envoy' ? routed : `${routed}, demand from ${source}`;
}

/** How long after its end a bin is complete at the source, ms; the timetable of the loop rests on it. */
const settle: Readonly<Record<DemandSourceName, (category: CategorySettings) => number>> = {
  envoy: () => 0,
  imports: () => 0,
};

export function settleMsOf(category: CategorySettings): number {
  return settle[demandSourceOf(category)](category);
}

/** From settling to being stored, as a share of a bin and in ms: a reader waits this much longer, at most. */
const storing = { share: 0.2, capMs: 2_000, graceShare: 0.1 };

/** Until when a reader waits for the bin that ended at `endMs`, ms. After that it counts as missing. */
export function binAwaitedUntilMs(category: CategorySettings, endMs: number): number {
  const { binMs } = category;
  return (
    endMs + settleMsOf(category) + Math.min(binMs * storing.share, storing.capMs) + binMs * storing.graceShare
  );
}
