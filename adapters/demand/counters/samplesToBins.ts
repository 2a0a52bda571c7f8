/** Samples of a category's counters → its bins, with what the histograms say of latency and the nodes of their work. */
import type { CategorySettings } from '../../../core/category/settings';
import { type Cumulative, countedBins } from '../../../core/demand/counterBins';
import { countUpTo, meanLatency, percentile } from '../../../core/demand/latency';
import { addUse, noUse, type PoolUse, poolUse } from '../../../core/demand/nodeUse';
import type { MeasuredBin } from '../../../ports/demandSource';
import type { CounterSample } from '../../../ports/stores/demand/counterSampleStore';

/** `samples`: of one category, oldest first. */
export function samplesToBins(
  samples: readonly CounterSample[],
  { binMs, objective }: Pick<CategorySettings, 'binMs' | 'objective'>,
): MeasuredBin[] {
  const knowsLatency = samples.some(({ latencyBuckets }) => latencyBuckets.length > 0);
  return countedBins(samples.map(cumulativeOf), binMs).map(({ startMs, figures }) => {
    const requests = Math.max(0, figures.requests ?? 0);
    const use = useBetween(samples, startMs, startMs + binMs);
    return {
      startMs,
      requests,
      errors: figures.errors === undefined ? null : Math.max(0, figures.errors),
      ...(knowsLatency ? latencyOf(figures, objective.latencyMs) : {}),
      // What a request cost on the category's own nodes, for all of its requests: some went to the shared pool.
      busySeconds: use === null || use.served === 0 ? null : (use.busySeconds / use.served) * requests,
      capacitySeconds: use?.capacitySeconds ?? null,
    };
  });
}

const bucketMark = '≤';

/** The counters and every bucket as figures that grow, so that all of them are spread over the bins alike. */
export function cumulativeOf({
  atMs,
  startedMs,
  requests,
  errors,
  latencyBuckets,
}: Pick<CounterSample, 'atMs' | 'startedMs' | 'requests' | 'errors' | 'latencyBuckets'>): Cumulative {
  const buckets = latencyBuckets.map(({ upToMs, count }) => [`${bucketMark}${upToMs ?? Infinity}`, count]);
  return {
    atMs,
    startedMs,
    figures: { requests, ...(errors === null ? {} : { errors }), ...Object.fromEntries(buckets) },
  };
}

function latencyOf(
  figures: Readonly<Record<string, number>>,
  objectiveMs: number,
): Pick<MeasuredBin, 'late' | 'latencyMeanMs' | 'latencyP99Ms'> {
  const buckets = Object.entries(figures)
    .filter(([name]) => name.startsWith(bucketMark))
    .map(([name, count]) => ({ boundMs: Number(name.slice(bucketMark.length)), count }))
    .sort((a, b) => a.boundMs - b.boundMs);
  const finite = buckets.filter(({ boundMs }) => Number.isFinite(boundMs));
  const histogram = {
    boundsMs: finite.map(({ boundMs }) => boundMs),
    cumulative: finite.map(({ count }) => count),
  };
  return {
    late: Math.max(0, (buckets.at(-1)?.count ?? 0) - countUpTo(histogram, objectiveMs)),
    latencyMeanMs: meanLatency(histogram),
    latencyP99Ms: percentile(histogram, 0.99),
  };
}

/** The pool's use in a bin: each stretch between two samples counts for the part of it that lies in the bin. */
function useBetween(samples: readonly CounterSample[], fromMs: number, toMs: number): PoolUse | null {
  let sum = noUse;
  let spoke = false;
  samples.forEach((sample, index) => {
    const before = samples[index - 1];
    if (before === undefined || sample.atMs <= before.atMs) return;
    const overlapMs = Math.min(toMs, sample.atMs) - Math.max(fromMs, before.atMs);
    if (overlapMs <= 0) return;
    const spanMs = sample.atMs - before.atMs;
    const use = poolUse(before.nodes, sample.nodes, spanMs);
    if (use === null) return;
    spoke = true;
    sum = addUse(sum, use, overlapMs / spanMs);
  });
  return spoke ? sum : null;
}
