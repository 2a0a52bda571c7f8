/** A category and a time → everything stored about the decision in force then, and what is no longer stored. */
import { holdInUse } from '../../activities/allocation/holdInUse';
import type { Database } from '../../adapters/postgres';
import { bootQuantile, hasFailed, ordersOf } from '../../core/capacity/boots';
import { leadWindow, longestLeadBins, measuredLead } from '../../core/capacity/leadTime';
import type { CategorySettings } from '../../core/category/settings';
import { binStart } from '../../core/demand/clock';
import { PamError } from '../../core/errors';
import type { DemandEvent } from '../../core/events/event';
import { instantText } from '../../core/time/instantText';
import type { SettledDecision } from '../../ports/stores/forecasts/decisionArchive';
import type { ForecastRecord } from '../../ports/stores/forecasts/decisionStore';
import type { StoredModel } from '../../ports/stores/forecasts/modelStore';
import type { LeadRecord } from '../../ports/stores/nodes/leadTimeStore';
import type { NodeLife } from '../../ports/stores/nodes/nodeStore';
import type { HoldSummary } from '../../workflows/contracts';
import { type Outcome, outcomeOf } from './outcome';

export interface DemandBefore {
  readonly binMs: number;
  /** Start of the last bin before the decision, ms. */
  readonly lastMs: number;
  /** Requests in the last bins, oldest first; null = missing. */
  readonly last: readonly (number | null)[];
  /** Measured bins of the hour before the decision. */
  readonly measured: number;
  readonly of: number;
  /** Requests in the bin at the same time one season and seven seasons earlier; null = missing. */
  readonly dayBefore: number | null;
  readonly weekBefore: number | null;
}

export type WalkModel = Omit<StoredModel, 'state'> & { readonly version: number | null };

/** The lead time that the decision was planned with, and how long orders until then took, as known now. */
export interface WalkLead {
  readonly bins: number;
  readonly configuredMs: number;
  readonly fixed: boolean;
  /** The change that set it; null if it was as configured. */
  readonly change: LeadRecord | null;
  readonly orders: number;
  readonly nodes: number;
  readonly failed: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
}

export interface Walk {
  readonly category: string;
  readonly askedMs: number;
  readonly nowMs: number;
  readonly decision: SettledDecision;
  readonly previous: SettledDecision | null;
  readonly mode: string | null;
  readonly demand: DemandBefore | null;
  readonly forecast: ForecastRecord | null;
  readonly model: WalkModel | null;
  /** Other models that were fitted on the same history, best first. */
  readonly candidates: readonly Omit<StoredModel, 'state'>[];
  /** Events that are known now and that the forecast could reach. */
  readonly events: readonly DemandEvent[];
  /** Nodes that existed at some time between the decision and the end of its lead window. */
  readonly nodes: readonly NodeLife[];
  readonly windowEndMs: number;
  readonly lead: WalkLead | null;
  /** The scale-down hold that the decision was planned with, by the settings of now. */
  readonly hold: HoldSummary | null;
  readonly outcome: Outcome | null;
  /** What is missing, each with the reason. */
  readonly missing: readonly string[];
}

const shownBins = 5;
const lookBackMs = 3_600_000;

/** Throws PamError NOT_FOUND, with what is stored, if no decision is stored at or before `atMs`. */
export async function gatherWalk(
  database: Database,
  category: string,
  atMs: number,
  nowMs: number,
): Promise<Walk> {
  const [decision, previous = null] = await database.archive.latest(category, atMs, 2);
  if (decision === undefined) throw await nothingStored(database, category, atMs);
  const missing: string[] = [];
  const settings = (await database.categories.get(category))?.settings ?? null;
  const forecast =
    decision.forecastId === null ? null : await database.decisions.forecast(decision.forecastId);
  if (decision.forecastId === null) missing.push('forecast: this decision had none');
  else if (forecast === null)
    missing.push(
      decision.peakDemand === null
        ? 'forecast: none was made, because there was neither a model nor enough history'
        : `forecast ${decision.forecastId}: no longer stored (retention.forecasts)`,
    );
  if (settings === null)
    missing.push('settings: the category is no longer registered, so the width of its bins is unknown');

  const { model, candidates } = await modelOf(database, category, forecast, missing);
  const binMs = settings?.binMs ?? null;
  const originMs =
    forecast?.forecast.originMs ?? (binMs === null ? decision.madeMs : floorTo(decision.madeMs, binMs));
  const lead = leadOf(forecast, settings, binMs);
  const windowEndMs = originMs + lead.windowMs;
  const walkLead =
    settings === null
      ? null
      : await leadThen(database, settings, decision.madeMs, forecast?.leadBins ?? null);
  const hold = settings === null ? null : await holdInUse(database, settings, decision.madeMs);
  const reachMs =
    originMs + Math.max(lead.windowMs, ...(forecast?.horizonBins ?? []).map((bins) => bins * (binMs ?? 0)));
  const [events, nodes, demand] = await Promise.all([
    database.events.between(category, originMs, reachMs),
    database.nodes.between(category, decision.madeMs, windowEndMs),
    settings === null ? null : demandBefore(database, category, settings.binMs, settings.dayMs, originMs),
  ]);
  if (demand !== null && demand.measured === 0)
    missing.push(
      'demand: no bin of the hour before the decision is stored (retention.bins, or nothing was measured)',
    );
  const outcome =
    binMs === null
      ? null
      : outcomeOf({
          totals: await database.demand.totals(category, originMs, windowEndMs),
          nodes,
          decision,
          originMs,
          windowEndMs,
          binMs,
          nowMs,
        });
  return {
    category,
    askedMs: atMs,
    nowMs,
    decision,
    previous,
    mode: settings?.mode ?? null,
    demand,
    forecast,
    model,
    candidates,
    events,
    nodes,
    windowEndMs,
    lead: walkLead,
    hold,
    outcome,
    missing,
  };
}

const floorTo = (timeMs: number, binMs: number): number => binStart({ binMs, dayMs: binMs }, timeMs);

function leadOf(forecast: ForecastRecord | null, settings: { leadMs: number } | null, binMs: number | null) {
  if (binMs === null) return { windowMs: 0 };
  const leadBins = forecast?.leadBins ?? Math.ceil((settings?.leadMs ?? 0) / binMs);
  // The bin that starts at the decision, and the lead window after it.
  return { windowMs: (leadBins + 1) * binMs };
}

/** `bins`: lead bins of the forecast that was decided on; null without one. */
async function leadThen(
  { leadTimes, nodes }: Database,
  settings: CategorySettings,
  madeMs: number,
  bins: number | null,
): Promise<WalkLead> {
  const { name, binMs, dayMs, leadMs: configuredMs, leadMode } = settings;
  const [stored, boots] = await Promise.all([
    leadTimes.at(name, madeMs),
    nodes.boots(name, madeMs - leadWindow.days * dayMs, madeMs, leadWindow.orders),
  ]);
  const orders = ordersOf(boots, binMs);
  const change = measuredLead(settings, stored);
  const finite = (value: number) => (Number.isFinite(value) ? value : null);
  return {
    bins: bins ?? change?.bins ?? Math.ceil(configuredMs / binMs),
    configuredMs,
    fixed: leadMode === 'fixed',
    change,
    orders: orders.length,
    nodes: boots.length,
    failed: orders.filter((order) => hasFailed(order, longestLeadBins(configuredMs, binMs) * binMs)).length,
    p50Ms: finite(bootQuantile(orders, 0.5)),
    p95Ms: finite(bootQuantile(orders, 0.95)),
  };
}

async function modelOf(
  { models }: Database,
  category: string,
  forecast: ForecastRecord | null,
  missing: string[],
): Promise<{ model: WalkModel | null; candidates: Omit<StoredModel, 'state'>[] }> {
  const id = forecast?.modelId ?? null;
  if (id === null) return { model: null, candidates: [] };
  const stored = await models.load(id);
  if (stored === null) {
    missing.push(`model ${id}: no longer stored (retention.decisions after it was replaced)`);
    return { model: null, candidates: [] };
  }
  const { state, ...facts } = stored;
  const version =
    typeof state === 'object' && state !== null && !Array.isArray(state) && typeof state.version === 'number'
      ? state.version
      : null;
  const candidates = (await models.list(category))
    .filter((one) => one.id !== id && one.trainedToMs === stored.trainedToMs)
    .sort((a, b) => lossOf(a) - lossOf(b));
  return { model: { ...facts, version }, candidates };
}

/** Expected cost above foresight ÷ that of foresight; infinite for a model that was not judged. */
export function lossOf({ figures }: Pick<StoredModel, 'figures'>): number {
  const loss =
    typeof figures === 'object' && figures !== null && !Array.isArray(figures) ? figures.waste : null;
  return typeof loss === 'number' ? loss : Number.POSITIVE_INFINITY;
}

async function demandBefore(
  { demand }: Database,
  category: string,
  binMs: number,
  dayMs: number,
  originMs: number,
): Promise<DemandBefore> {
  const clock = { binMs, dayMs };
  const count = (fromMs: number, toMs: number) => demand.series(category, clock, fromMs, toMs);
  const [recent, day, week] = await Promise.all([
    count(originMs - Math.max(lookBackMs, shownBins * binMs), originMs),
    count(originMs - binMs - dayMs, originMs - dayMs),
    count(originMs - binMs - 7 * dayMs, originMs - 7 * dayMs),
  ]);
  const known = (value: number | undefined) => (value === undefined || Number.isNaN(value) ? null : value);
  return {
    binMs,
    lastMs: originMs - binMs,
    last: [...recent.counts.slice(-shownBins)].map(known),
    measured: recent.counts.filter((value) => !Number.isNaN(value)).length,
    of: recent.counts.length,
    dayBefore: known(day.counts[0]),
    weekBefore: known(week.counts[0]),
  };
}

async function nothingStored(
  { archive, categories }: Database,
  category: string,
  atMs: number,
): Promise<PamError> {
  const span = await archive.span(category);
  if (span !== null)
    return new PamError(
      'NOT_FOUND',
      `no decision of "${category}" is stored at or before ${instantText(atMs)}: the first is from ${instantText(span.firstMs)}, the last from ${instantText(span.lastMs)}`,
    );
  const known = await categories.list();
  if (known.some(({ settings }) => settings.name === category))
    return new PamError('NOT_FOUND', `category "${category}" has not decided anything yet`);
  const names = known.map(({ settings }) => settings.name).join(', ');
  return new PamError('NOT_FOUND', `there is no category "${category}"; there are ${names || 'none'}`);
}
