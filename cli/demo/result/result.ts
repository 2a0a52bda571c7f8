/** The numbers of a demo run: what the summary prints and `--json` writes. Times are ISO, demand is requests. */
import type { EventRamp } from '../../../simulation/workload/eventRamps';
import type { ForecastFigures, Readiness } from '../../../simulation/workload/playFigures';
import type { LoadBin, LoadLatency } from '../load/loadTypes';

export interface CategoryResult {
  readonly category: string;
  readonly origin: string;
  /** The evaluated window, in the time of the trace. */
  readonly traceFrom: string;
  readonly traceTo: string;
  readonly factor: number;
  /** Of the evaluated part. */
  readonly load: LoadBin;
  /** Of warm-up and evaluated part. */
  readonly latency: LoadLatency | null;
  readonly objective: { readonly latencyMs: number; readonly share: number };
  /** Node-bins from the order to the end, booting included, and those of perfect foresight. */
  readonly nodeBins: number;
  readonly foresightNodeBins: number;
  /** Requests per bin and node that the decisions used, mean over the evaluated part; the same for foresight. */
  readonly requestsPerNodeBin: number;
  readonly readiness: Readiness;
  readonly peakRoutable: number;
  /** Requests above what the routable nodes of their bin serve at the accepted utilization. */
  readonly overflow: number;
  /** Occasions that began within the evaluated part, announced or not. */
  readonly occasions: readonly OccasionResult[];
  /** Name of the category with the calendar that this one lacks; null: this one is no comparison. */
  readonly twinOf: string | null;
  readonly decisions: {
    readonly made: number;
    /** Evaluated bins that have a decision on a forecast. */
    readonly onForecastBins: number;
    readonly bins: number;
    readonly changes: number;
    readonly rules: Readonly<Record<string, number>>;
  };
  readonly forecast: ForecastFigures & {
    readonly aheadBins: number;
    readonly risk: number;
    /** Families of the forecasts, with the number of each. */
    readonly families: Readonly<Record<string, number>>;
    readonly trainedModel: string | null;
  };
  /** What the workflow refused or failed at, newest last. */
  readonly troubles: readonly string[];
}

/** How ready a category was around the start of a known occasion. */
export interface OccasionResult extends EventRamp {
  readonly title: string;
  /** In the time of the trace. */
  readonly start: string;
  /** Of the ramp's window. */
  readonly load: LoadBin;
}

export interface DemoResult {
  readonly startedAt: string;
  readonly generated: boolean;
  readonly seed: number;
  readonly binMs: number;
  readonly traceBinMs: number;
  readonly risk: number;
  readonly categories: readonly CategoryResult[];
  readonly worstSendLagMs: number;
  readonly failures: Readonly<Record<string, number>>;
  readonly uiUrl: string | null;
  /** Empty = the run did its job. */
  readonly shortcomings: readonly string[];
}
