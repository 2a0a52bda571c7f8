/** Results of judged windows → the numbers that tables and bars share. */
import { excessRatio, frontierOf } from '../../simulation/frontier';
import { type Comparison, compare, pointsInside, pointsOf } from './compare';
import type { TraceResult } from './measureTrace';
import { calibratedRisks } from './sweeps';

export const rivals = [
  'reactive',
  'scheduled',
  'last-value',
  'seasonal-naive',
  'moving-peak',
  'static-peak',
] as const;
const withCalendar = 'wc98';
const withoutCalendar = 'wc98 without calendar';

/** Windows that the mean is taken over: the calendar is known. */
export const judged = (results: readonly TraceResult[]) =>
  results.filter(({ trace }) => trace !== withoutCalendar);
export const at = (results: readonly TraceResult[], lead: number) =>
  results.filter(({ leadMinutes }) => leadMinutes === lead);

export function against(result: TraceResult, rival: string): Comparison {
  const { points, foresightCost } = pointsOf(result);
  return compare(points, foresightCost, rival);
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(Math.max(value, 1e-3)), 0) / values.length);
}

export function calibrationOf({
  figures,
}: TraceResult): { risk: number; ratio: number; decisions: number }[] {
  return calibratedRisks.map((risk) => {
    const found = figures.find(({ policy, knob }) => policy === 'pam' && knob === `${risk}`)!;
    return { risk, ratio: (found.realizedQuantileRisk ?? Number.NaN) / risk, decisions: found.decisions };
  });
}

/** Excess with the calendar ÷ excess without it, inside the matches; NaN without both windows. */
export function insideMatches(results: readonly TraceResult[]): ReturnType<typeof excessRatio> | null {
  const told = results.find(({ trace }) => trace === withCalendar);
  const untold = results.find(({ trace }) => trace === withoutCalendar);
  if (told === undefined || untold === undefined) return null;
  const own = (result: TraceResult) =>
    frontierOf(pointsInside(result).points.filter(({ policy }) => policy === 'pam'));
  return excessRatio(withoutCalendar, own(told), own(untold), pointsInside(told).foresightCost);
}
