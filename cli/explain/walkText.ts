/** A walk → the numbered steps that people read. */
import { percent, rounded } from '../../core/text/figures';
import { dayAndSecond } from '../../core/time/instantText';
import { holdText } from '../category/holdText';
import { measuredText } from '../category/leadText';
import { figuresText } from '../category/storyText';
import { ago, lasting } from '../text/time';
import { lossOf, type Walk } from './gatherWalk';

const label = (step: number, name: string) => `${step} ${name.padEnd(10)}`;
const more = ' '.repeat(12);
const or = (value: number | null) => (value === null ? 'missing' : rounded(value));

export function walkText(walk: Walk): string[] {
  return [
    `${walk.category}: decision ${walk.decision.id}, made ${dayAndSecond(walk.decision.madeMs)}, ${ago(walk.nowMs - walk.decision.madeMs)}`,
    ...demandLines(walk),
    ...modelLines(walk),
    ...quantileLines(walk),
    ...eventLines(walk),
    ...leadText(walk),
    ...(walk.hold === null ? [] : [`  ${'hold'.padEnd(10)}${holdText(walk.hold, walk.nowMs)}`]),
    ...decisionLines(walk),
    ...nodeLines(walk),
    ...outcomeLines(walk),
    ...walk.missing.map((what) => `! ${'missing'.padEnd(10)}${what}`),
  ];
}

function demandLines({ demand, decision }: Walk): string[] {
  if (demand === null)
    return [
      `${label(1, 'demand')}${or(decision.demand)} requests in the last bin, as the decision recorded it`,
    ];
  const { lastMs, last, measured, of, dayBefore, weekBefore, binMs } = demand;
  return [
    `${label(1, 'demand')}${or(decision.demand)} requests in the bin of ${lasting(binMs)} at ${dayAndSecond(lastMs)} (as seen then); stored now: ${last.map(or).join(', ')}`,
    `${more}same bin a season before ${or(dayBefore)}, seven before ${or(weekBefore)}; ${measured} of the last ${of} bins measured`,
  ];
}

function modelLines({ model, forecast, candidates, decision }: Walk): string[] {
  if (model === null) {
    const family = forecast?.family;
    const text =
      family === undefined
        ? decision.peakDemand === null
          ? 'none: decided without a forecast'
          : 'no longer known'
        : forecast?.modelId === null
          ? family.includes('+')
            ? `${family}: the model was fitted for a shorter lead time, so the higher of both peaks counted`
            : `${family}, not trained: no model had been promoted yet`
          : `${family} (${forecast?.modelId})`;
    return [`${label(2, 'model')}${text}`];
  }
  const { family, id, version, trainedFromMs, trainedToMs, status, figures } = model;
  return [
    `${label(2, 'model')}${family}${version === null ? '' : ` version ${version}`} (${id}, ${status} now), trained on ${dayAndSecond(trainedFromMs)} to ${dayAndSecond(trainedToMs)}`,
    `${more}judged before its promotion: ${figuresText(figures)}`,
    ...sayings(figures).map((text) => `${more}${text}`),
    ...(candidates.length === 0
      ? []
      : [
          `${more}other candidates on the same history: ${candidates.map((one) => `${one.family} ${Number.isFinite(lossOf(one)) ? rounded(lossOf(one)) : 'not judged'} (${one.status})`).join(', ')}`,
        ]),
  ];
}

/** What the training wrote beside the figures in words. */
function sayings(figures: NonNullable<Walk['model']>['figures']): string[] {
  if (figures === null || typeof figures !== 'object' || Array.isArray(figures)) return [];
  return Object.entries(figures).flatMap(([name, value]) =>
    typeof value === 'string' ? [`${name}: ${value}`] : [],
  );
}

function quantileLines({ forecast, decision }: Walk): string[] {
  if (forecast === null)
    return [
      `${label(3, 'quantiles')}${decision.peakDemand === null ? 'none' : `only what the decision recorded: a peak of at most ${rounded(decision.peakDemand)}`}`,
    ];
  const { probabilities, leadBins, horizonBins } = forecast;
  const spread = (quantiles: readonly number[]) =>
    quantiles.map((value, index) => `${percent(probabilities[index] ?? 0)} ${rounded(value)}`).join(', ');
  return [
    `${label(3, 'quantiles')}peak of the ${leadBins + 1} bins of the lead window: ${spread(forecast.forecast.peak)}`,
    ...forecast.forecast.horizons.map(
      (quantiles, index) => `${more}in ${horizonBins[index]} bins: ${spread(quantiles)}`,
    ),
  ];
}

function eventLines({ events, decision }: Walk): string[] {
  if (events.length === 0) return [`${label(4, 'events')}none within reach, as far as known now`];
  return events.map(({ title, kind, startMs, endMs, expectedUplift, source }, index) => {
    const uplift = expectedUplift === undefined ? 'no stated uplift' : `stated uplift ${expectedUplift}`;
    const when =
      startMs <= decision.madeMs ? 'on already' : `starts ${lasting(startMs - decision.madeMs)} later`;
    return `${index === 0 ? label(4, 'events') : more}${title} (${kind}, from ${source}): ${when}, lasts ${lasting(endMs - startMs)}, ${uplift}`;
  });
}

/** The lead time that was planned with and why, and how long orders until then took. */
function leadText({ lead, decision }: Walk): string[] {
  if (lead === null) return [];
  const { bins, change, configuredMs, fixed } = lead;
  const why = fixed
    ? 'fixed by its settings'
    : change === null
      ? 'as configured'
      : `since ${lasting(decision.madeMs - change.sinceMs)} before, ${change.reason}`;
  return [
    `${' '.repeat(2)}${'lead'.padEnd(10)}${bins} bins (configured ${lasting(configuredMs)} now): ${why}`,
    `${more}${measuredText(lead)}`,
  ];
}

function decisionLines({ decision, previous }: Walk): string[] {
  const { plan, trigger, requestsPerNodeBin } = decision;
  const before = previous === null ? 'the first stored' : `${previous.plan.planned} planned before`;
  return [
    `${label(5, 'decision')}${plan.required} required → ${plan.planned} planned by the rule "${plan.rule}" (${before}; woken by ${trigger}; ${rounded(requestsPerNodeBin)} requests a bin per node)`,
    `${more}${plan.reason}`,
  ];
}

function nodeLines({ decision, nodes, category, mode, windowEndMs }: Walk): string[] {
  const { madeMs, settledMs, provisioned, routable } = decision;
  const counted =
    settledMs === null ? 'when decided (not settled)' : `${lasting(settledMs - madeMs)} after deciding`;
  const lines = [
    `${label(6, 'nodes')}stack ${category}: ${provisioned} provisioned, ${routable} routable ${counted}`,
  ];
  if (nodes.length === 0)
    return [
      ...lines,
      `${more}${mode === 'forecast-only' ? 'forecast-only: it has no nodes' : 'no node of it existed then'}`,
    ];
  const made = nodes.filter((node) => node.createdMs >= madeMs);
  const gone = nodes.filter(({ removedMs }) => removedMs !== null && removedMs <= windowEndMs);
  for (const { id, createdMs, routableMs } of made)
    lines.push(
      `${more}+ ${id} created ${lasting(createdMs - madeMs)} after deciding, ${routableMs === null ? 'never routable' : `routable ${lasting(routableMs - createdMs)} later`}`,
    );
  for (const { id, removedMs } of gone)
    lines.push(`${more}- ${id} gone ${lasting((removedMs ?? 0) - madeMs)} after deciding`);
  if (made.length + gone.length === 0) lines.push(`${more}no node came or went within the lead window`);
  return lines;
}

function outcomeLines({ outcome, decision, windowEndMs, nowMs }: Walk): string[] {
  if (outcome === null) return [`${label(7, 'outcome')}not known`];
  const { complete, bins, requests, peak, aboveQuantile, lateShare, overflowPlanned, overflowRoutable } =
    outcome;
  const open = complete ? '' : ` so far (the lead window ends ${ago(nowMs - windowEndMs)})`;
  if (peak === null) return [`${label(7, 'outcome')}nothing was measured over the lead window${open}`];
  const compared =
    aboveQuantile === null
      ? 'no quantile to compare'
      : aboveQuantile
        ? `above the ${rounded(decision.peakDemand ?? 0)} decided on`
        : `within the ${rounded(decision.peakDemand ?? 0)} decided on`;
  const overflow = (name: string, share: number | null) =>
    share === null ? [] : [`${percent(share)} of them beyond what the ${name} nodes serve`];
  return [
    `${label(7, 'outcome')}peak ${rounded(peak)}, ${compared}; ${bins.measured} of ${bins.of} bins measured${open}`,
    `${more}${[`${rounded(requests)} requests`, lateShare === null ? 'late share not measured' : `${percent(lateShare)} late`, ...overflow('planned', overflowPlanned), ...overflow('routable', overflowRoutable)].join(', ')}`,
  ];
}
