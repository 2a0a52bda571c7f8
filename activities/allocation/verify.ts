/** The pool and the live demand as they are now → what is really there, whether it is enough, what was decided well. */
import { measuredScaleUp } from '../../core/capacity/decide';
import { maintenanceAt, maintenanceOf } from '../../core/capacity/guards';
import { longestLeadBins } from '../../core/capacity/leadTime';
import { assessHealth, graceInUseMs, type NodeLook, type PoolHealth } from '../../core/capacity/nodeHealth';
import type { CategorySettings } from '../../core/category/settings';
import { errorShare, errorsInWords, latestBin } from '../../core/demand/errorShare';
import { vanishedDemand } from '../../core/demand/vanished';
import { causeInWords } from '../../core/failures/causeInWords';
import { wholePercent } from '../../core/text/figures';
import type { NodePool, PoolObservation } from '../../ports/nodePool';
import type { BinTotals } from '../../ports/stores/demand/demandStore';
import type {
  AccuracySummary,
  LeadSummary,
  TrainingDue,
  VerifyInput,
  VerifySummary,
} from '../../workflows/contracts';
import type { AllocationDependencies } from '../frame/dependencies';
import { leadInUse } from './leadInUse';
import { poolTrouble } from './poolTrouble';
import { scoreForecasts } from './scoreForecasts';
import { learningBins, TickBins } from './tickBins';
import { trainingDue } from './trainingDue';

/** A rate over less than this share of a bin is noise. */
const leastMeasuredShare = 0.25;

type VerifyDependencies = Pick<
  AllocationDependencies,
  | 'pool'
  | 'nodes'
  | 'leadTimes'
  | 'decisions'
  | 'demand'
  | 'demandSources'
  | 'events'
  | 'models'
  | 'accuracy'
  | 'troubles'
  | 'now'
>;

export function verify(deps: VerifyDependencies, bins = new TickBins(deps.demand, deps.now)) {
  return async (input: VerifyInput): Promise<VerifySummary> => {
    const { settings, decisionId, planned, requestsPerNodeBin, orderedMs } = input;
    const { name, binMs, nodes } = settings;
    const [observed, live] = await Promise.all([
      deps.pool.observe(name),
      deps.demandSources.of(settings).live(settings),
    ]);
    const { provisioned, routable } = observed;
    await deps.nodes.sync(name, observed.nodes, deps.now(), orderedMs);
    if (decisionId !== null) await deps.decisions.settle(decisionId, { provisioned, routable });

    const measuredDemand =
      live.requestsPerSecond === null || live.overMs < binMs * leastMeasuredShare
        ? null
        : (live.requestsPerSecond * binMs) / 1_000;
    const { accuracy, trouble } = await accuracyOf(deps, bins, input);
    const { lead, trainingDue } = await leadAndTraining(deps, input);
    const { health, booting } = await healthOf(deps, input, observed);
    const known = await bins.totalsBefore(settings, deps.now(), learningBins);
    const latest = latestBin(known, deps.now(), binMs);
    const vanished = vanishedDemand(known, { routable, nowMs: deps.now(), binMs });
    if (vanished !== null) await confirmRule(deps.pool, settings);
    return {
      provisioned,
      routable,
      measuredDemand,
      utilization: live.utilization,
      lateShare: lateShareOf(latest),
      errorShare: errorShare(latest),
      scaleUp:
        requestsPerNodeBin === null
          ? null
          : measuredScaleUp({
              measuredDemand,
              requestsPerNodeBin,
              provisioned,
              planned,
              lacking: health?.lacking ?? 0,
              max: nodes.max,
            }),
      health,
      finding: [
        describe(observed, planned, measuredDemand, live.utilization),
        ...(booting === 0 ? [] : [`${booting} unhealthy that never took traffic`]),
        ...(health === null || health.finding === null ? [] : [health.finding]),
        ...trouble,
        ...[errorsInWords(latest, routable), vanished?.finding ?? null].filter((text) => text !== null),
        ...(await poolTrouble(deps.troubles, name, deps.now())),
      ].join(', '),
      accuracy,
      lead,
      trainingDue,
    };
  };
}

/** The lead to plan with from now on, and whether the model fits it; once a tick. */
async function leadAndTraining(
  deps: VerifyDependencies,
  { settings, decisionId, predicted, unmetSinceMs }: VerifyInput,
): Promise<{ lead: LeadSummary | null; trainingDue: TrainingDue | null }> {
  if (decisionId === null) return { lead: null, trainingDue: null };
  const nowMs = deps.now();
  const lead = await leadInUse(deps, settings, unmetSinceMs, nowMs);
  return {
    lead,
    trainingDue:
      predicted === null ? null : await trainingDue(deps, settings, predicted.incumbent, lead.bins, nowMs),
  };
}

/** Which nodes are unhealthy for how long, which of them are given up, and how many may still be booting. */
async function healthOf(
  { nodes, now }: Pick<VerifyDependencies, 'nodes' | 'now'>,
  { settings, health, paused }: VerifyInput,
  observed: PoolObservation,
): Promise<{ health: PoolHealth | null; booting: number }> {
  const nowMs = now();
  const upByMs = nowMs - longestLeadBins(settings.leadMs, settings.binMs) * settings.binMs;
  const looks = await looksAt(nodes, settings.name, observed, { nowMs, upByMs });
  const window = maintenanceAt(maintenanceOf(settings), nowMs);
  const frozen = paused
    ? 'none is replaced while the category is paused'
    : window === undefined
      ? null
      : `none is replaced during maintenance (${window.reason})`;
  const graceMs = graceInUseMs(settings);
  return {
    health: assessHealth({ before: health, nodes: looks, nowMs, graceMs, binMs: settings.binMs, frozen }),
    booting: looks.filter(({ state, served, neverUp }) => state === 'unhealthy' && !served && !neverUp)
      .length,
  };
}

/**
 * Whether a node ever served is in the store, which outlives the processes that look at it; it is asked only where that
 * matters. A node that was made before `upByMs` should have come up.
 */
async function looksAt(
  nodes: VerifyDependencies['nodes'],
  category: string,
  observed: PoolObservation,
  { nowMs, upByMs }: { readonly nowMs: number; readonly upByMs: number },
): Promise<NodeLook[]> {
  const matters = observed.nodes.some(
    ({ state, createdMs }) => state === 'unhealthy' || (state === 'booting' && createdMs < upByMs),
  );
  const lives = matters ? await nodes.between(category, nowMs, nowMs + 1) : [];
  const known = new Map(lives.map(({ id, routableMs }) => [id, routableMs !== null]));
  return observed.nodes.map(({ id, state, createdMs }) => {
    const served = state === 'routable' || known.get(id) === true;
    return { id, state, served, neverUp: !served && known.has(id) && createdMs < upByMs };
  });
}

/** What keeps old forecasts from being scored must not keep a category from being looked after. */
async function accuracyOf(
  deps: VerifyDependencies,
  bins: TickBins,
  { settings, decisionId, predicted, trainedMs }: VerifyInput,
): Promise<{ accuracy: AccuracySummary | null; trouble: string[] }> {
  if (decisionId === null) return { accuracy: null, trouble: [] };
  try {
    return { accuracy: await scoreForecasts(deps, { settings, predicted, trainedMs }, bins), trouble: [] };
  } catch (error) {
    return {
      accuracy: null,
      trouble: [`forecasts not scored: ${causeInWords(error)}`],
    };
  }
}

/** Share of late requests in the last stored bin; null where there is none. */
function lateShareOf(last: BinTotals | undefined): number | null {
  if (last === undefined || last.late === null || last.requests === 0) return null;
  return last.late / last.requests;
}

/** The proxy may have lost the rule; that it can't be put in place now must not keep the look from telling what it found. */
async function confirmRule(pool: NodePool, { name, match }: CategorySettings): Promise<void> {
  if (match === undefined) return;
  await pool.confirmRule?.({ category: name, match }).catch(() => undefined);
}

function describe(
  observed: PoolObservation,
  planned: number,
  measuredDemand: number | null,
  utilization: number | null,
): string {
  const { provisioned, routable } = observed;
  const booting = observed.nodes.filter((node) => node.state === 'booting').length;
  const parts = [`${routable} of ${planned} planned nodes are routable`];
  if (booting > 0) parts.push(`${booting} booting`);
  if (provisioned > planned) parts.push(`${provisioned - planned} more exist than planned`);
  if (measuredDemand !== null) parts.push(`demand at ${Math.round(measuredDemand)} requests a bin`);
  if (utilization !== null) parts.push(`utilization ${wholePercent(utilization)}`);
  return parts.join(', ');
}
