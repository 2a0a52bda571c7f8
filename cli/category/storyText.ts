/** The story of a category → lines for people. */
import { describeRequests } from '../../core/category/demand';
import { percent, rounded, shortPercent } from '../../core/text/figures';
import { secondText } from '../../core/time/instantText';
import type { CategoryStatus } from '../../workflows/contracts';
import { ago, lasting } from '../text/time';
import { holdText } from './holdText';
import { leadLines } from './leadText';
import type { ModelFacts, Story } from './story';
import { troublesOf } from './troubles';

const label = (name: string) => name.padEnd(11);

/** `width`: characters per line. */
export function storyText(story: Story, width: number): string[] {
  const { standing, atMs, outcome } = story;
  const status = standing.status;
  const lines = [
    `${standing.category}: ${standing.state}, ${lifeText(story)}`,
    ...troublesOf(standing, atMs, story.found).map(
      ({ text }, index) => `${label(index === 0 ? 'trouble' : '')}${text}`,
    ),
    ...(outcome === null ? [] : [`${label('outcome')}${outcome}`]),
    `${label('nodes')}${countsText(story)}`,
    `${label('demand')}${demandText(story)}`,
    ...(status?.forecast ? [`${label('forecast')}${status.forecast.basis}`] : []),
    ...(status?.accuracy ? accuracyText(status.accuracy) : []),
    ...leadLines(status?.lead ?? null, atMs).map(
      (line, index) => `${label(index === 0 ? 'lead' : '')}${line}`,
    ),
    ...(status?.hold ? [`${label('hold')}${holdText(status.hold, atMs)}`] : []),
    ...(standing.decision === null
      ? []
      : [
          `${label('decision')}${standing.decision.planned} planned ${ago(atMs - standing.decision.atMs)} (${standing.decision.trigger}, ${standing.decision.rule}): ${standing.decision.reason}`,
        ]),
    ...(status === null ? [] : runningText(status, atMs)),
    `${label('model')}${modelText(story.incumbent, atMs)}`,
    ...(status === null
      ? []
      : [...trainingText(status), ...settingsText(status), ...refusedText(status, atMs)]),
    ...decisionsText(story),
    ...(story.temporalUi === null ? [] : [`${label('history')}${story.temporalUi}`]),
  ];
  return lines.flatMap((line) => wrapped(line, width));
}

/** Broken at blanks. Continuations stand under the text, not under its label. */
function wrapped(line: string, width: number): string[] {
  const indent = label('').length;
  if (line.length <= width || width <= 2 * indent) return [line];
  const blank = line.lastIndexOf(' ', width);
  const at = blank <= indent ? width : blank;
  return [line.slice(0, at), ...wrapped(`${label('')}${line.slice(at).trimStart()}`, width)];
}

function lifeText({ standing, atMs }: Story): string {
  return standing.closedMs === null
    ? `run started ${ago(atMs - standing.startedMs)}`
    : `ended ${ago(atMs - standing.closedMs)}`;
}

function countsText({ standing: { counts, source } }: Story): string {
  if (counts === null) return 'unknown';
  const { required, planned, provisioned, routable } = counts;
  const when = source === 'stored' ? ' (at the last stored decision)' : '';
  return `${required} required, ${planned} planned, ${provisioned} provisioned, ${routable} routable${when}`;
}

function demandText({ standing: { demand, status } }: Story): string {
  const { actual, predicted, aheadMs, peak } = demand;
  const parts = [actual === null ? 'last bin missing' : `${rounded(actual)} requests in the last bin`];
  if (predicted !== null && aheadMs !== null)
    parts.push(`${rounded(predicted)} predicted in ${lasting(aheadMs)}`);
  if (peak !== null) {
    const lead =
      status === null
        ? 'the lead window'
        : `the lead time of ${lasting(status.lead?.ms ?? status.settings.leadMs)}`;
    const risk = status === null ? '' : ` at a risk of ${status.settings.risk}`;
    parts.push(`peak of at most ${rounded(peak)} over ${lead}${risk}`);
  }
  return parts.join(', ');
}

/** How good the forecasts of the last day were. Below 1 is better than the last value. */
function accuracyText({ relativeError, targets }: NonNullable<CategoryStatus['accuracy']>): string[] {
  const single = targets.filter(({ aheadMs, relativeError: error }) => aheadMs > 0 && error !== null);
  const each = single.map(
    ({ aheadMs, relativeError: error }) => `${lasting(aheadMs)} ahead ${error?.toFixed(2)}`,
  );
  const peak = targets.find(({ aheadMs }) => aheadMs === 0);
  const parts = [
    ...(relativeError === null
      ? []
      : [`error ${relativeError.toFixed(2)} of the last value's (${each.join(', ')})`]),
    ...(peak === undefined || peak.coverage === null
      ? []
      : [
          `${shortPercent(peak.coverage)} of ${peak.scores} peaks within their quantile, ${shortPercent(peak.acceptedCoverage ?? 0)} accepted`,
        ]),
  ];
  return parts.length === 0 ? [] : [`${label('accuracy')}over the last day ${parts.join('; ')}`];
}

function runningText(status: CategoryStatus, atMs: number): string[] {
  const { verified, health, override, pendingEvents, ticks } = status;
  const lines: string[] = [];
  if (verified !== null) {
    const late = verified.lateShare === null ? '' : `; ${percent(verified.lateShare)} late in the last bin`;
    lines.push(`${label('verified')}${verified.finding}${late}`);
  }
  for (const { id, atMs: givenUpMs, sinceMs } of health?.givenUp.slice(-3) ?? []) {
    const gone = !health?.replacing.some((node) => node.id === id);
    lines.push(
      `${label('replaced')}${id} given up ${ago(atMs - givenUpMs)}, unhealthy for ${lasting(givenUpMs - sinceMs)} by then${gone ? '' : '; it goes when its successor takes traffic'}`,
    );
  }
  if (override !== null)
    lines.push(
      `${label('override')}${override.nodes} nodes, ends ${ago(atMs - override.untilMs)}: ${override.reason}`,
    );
  for (const coming of status.comingOverrides.slice(0, 3))
    lines.push(
      `${label('override')}${coming.nodes} nodes, begins ${ago(atMs - coming.fromMs)}, ends ${ago(atMs - coming.untilMs)}: ${coming.reason}`,
    );
  for (const event of pendingEvents.slice(0, 3)) {
    const uplift = event.expectedUplift === undefined ? '' : `, stated uplift ${event.expectedUplift}`;
    const when = event.startMs <= atMs ? 'on now' : `starts ${ago(atMs - event.startMs)}`;
    lines.push(
      `${label('event')}${event.title} (${event.kind}) ${when}, lasts ${lasting(event.endMs - event.startMs)}${uplift}`,
    );
  }
  if (pendingEvents.length > 3) lines.push(`${label('')}and ${pendingEvents.length - 3} more: pam events`);
  lines.push(
    `${label('ticks')}${ticks.done} done, ${ticks.skipped} skipped, next look ${ago(atMs - ticks.nextMs)}`,
  );
  return lines;
}

/** Where a model comes from, and the figures of its evaluation. */
function modelText(model: ModelFacts | null, atMs: number): string {
  if (model === null) return 'none yet';
  const { family, id, trainedFromMs, trainedToMs, figures } = model;
  const window = `trained on ${lasting(trainedToMs - trainedFromMs)} up to ${ago(atMs - trainedToMs)}`;
  return `${family} (${id}), ${window}; ${figuresText(figures)}`;
}

/** Stored figures, in words if they are known. */
export function figuresText(figures: ModelFacts['figures']): string {
  if (figures === null || typeof figures !== 'object' || Array.isArray(figures)) return 'not judged';
  const { waste, realizedRisk, decisions } = figures;
  if (typeof waste !== 'number' || typeof realizedRisk !== 'number') return 'not judged';
  return `waste ${percent(waste)} above foresight, realized risk ${percent(realizedRisk)} over ${decisions} decisions`;
}

function trainingText({ training }: CategoryStatus): string[] {
  if (training.running) return [`${label('training')}runs now`];
  return training.lastResult === null ? [] : [`${label('training')}${training.lastResult}`];
}

function settingsText({ settings }: CategoryStatus): string[] {
  const { risk, leadMs, nodes, binMs, objective } = settings;
  return [
    `${label('settings')}${describeRequests(settings)}, risk ${risk}, lead ${lasting(leadMs)} (${settings.leadMode === 'fixed' ? 'fixed' : 'at first'}), bin ${lasting(binMs)}, ${nodes.min} to ${nodes.max} nodes, late above ${objective.latencyMs} ms (at most ${percent(1 - objective.share)})`,
  ];
}

/** The latest refusals and failures, also those that are over: the list above has what is wrong now. */
function refusedText({ rejected }: CategoryStatus, atMs: number): string[] {
  return rejected
    .slice(-3)
    .map(({ atMs: whenMs, what, why }) => `${label('rejected')}${ago(atMs - whenMs)}: ${what}: ${why}`);
}

function decisionsText({ decisions }: Story): string[] {
  return decisions.map(
    ({ madeMs, trigger, plan, provisioned, routable }, index) =>
      `${label(index === 0 ? 'decisions' : '')}${secondText(madeMs)} ${trigger}: ${plan.required} required → ${plan.planned} planned (${plan.rule}), ${provisioned} provisioned, ${routable} routable`,
  );
}
