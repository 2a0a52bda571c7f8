/**
 * What a category is and where it stands, in a few lines of Markdown, for the Temporal UI's current details. Figures
 * that are others in every bin are left out: the text changes when something changed that a person wants to know.
 * Names and reasons come from feeds and people, so every value is escaped.
 */
import { describeRequests } from '../../core/category/demand';
import type { Drift } from '../../core/evaluation/drift/drift';
import { markdown, markdownCode, markdownText } from '../../core/text/markdown';
import { durationInWords } from '../../core/time/durationWords';
import { secondText } from '../../core/time/instantText';
import type { CategoryStatus, LearningStage } from '../contracts';

const stages: Record<LearningStage, string> = {
  default: 'nothing to predict from yet',
  'last-value': 'the last value with its errors',
  'borrowed-model': 'a model of another category',
  'own-model': 'its own model',
};

export function describeStanding(status: CategoryStatus, nowMs: number): string {
  return [
    whatItIs(status),
    nodesNow(status),
    ...(status.health === null || status.health.finding === null
      ? []
      : [markdown`${status.health.finding}.`]),
    ...forecasting(status),
    ...requests(status, nowMs),
    ...trouble(status),
  ].join('\n\n');
}

/** Of one that is no more. */
export function describeEnd(category: string, how: string, nowMs: number): string {
  return markdown`**${category}**: ${how}, at ${secondText(nowMs)}.`;
}

function whatItIs({ category, mode, settings }: CategoryStatus): string {
  const { risk, nodes, leadMs, binMs } = settings;
  return `**${markdownText(category)}** (${markdownCode(describeRequests(settings))}): ${mode}, risk ${Number((risk * 100).toPrecision(3))} %, ${nodes.min} to ${nodes.max} nodes, lead ${durationInWords(leadMs)}, bins of ${durationInWords(binMs)}.`;
}

function nodesNow({ settings, counts, change }: CategoryStatus): string {
  if (change === null) return counts.planned === 0 ? 'Nothing decided yet.' : planned(counts.planned);
  const since = `${planned(change.planned)} since ${secondText(change.atMs)}${change.from === null ? '' : ` (${change.from} before)`}`;
  const there =
    settings.mode === 'forecast-only'
      ? ''
      : `, ${counts.routable} of ${counts.provisioned} that exist take traffic`;
  return markdown`${since}${there}: ${change.reason}.`;
}

function forecasting({ forecast, lead, accuracy, training }: CategoryStatus): string[] {
  const lines: string[] = [];
  if (forecast !== null) {
    const { stage, family, distrust } = forecast;
    const instead = distrust === null ? '' : `; ${distrust.reason}, since ${secondText(distrust.sinceMs)}`;
    lines.push(
      markdown`Predicted from ${stages[stage]}${stage === 'default' ? '' : ` (${family})`}${instead}${training.running ? '; a training runs' : ''}.`,
    );
  }
  if (lead !== null && (lead.sinceMs !== null || lead.warning !== null))
    lines.push(
      markdown`Lead: ${lead.bins} bins, ${lead.reason}${lead.warning === null ? '' : `; ${lead.warning}`}.`,
    );
  const drift = driftInWords(accuracy?.drifts ?? []);
  if (drift !== null) lines.push(markdown`Changed: ${drift}.`);
  return lines;
}

/** What people and calendars asked for. */
function requests({ override, pendingEvents }: CategoryStatus, nowMs: number): string[] {
  const lines: string[] = [];
  if (override !== null)
    lines.push(
      markdown`Override: ${override.nodes} nodes until ${secondText(override.untilMs)}, ${override.reason}.`,
    );
  const next = pendingEvents.find((event) => event.endMs > nowMs);
  if (next !== undefined)
    lines.push(
      next.startMs > nowMs
        ? markdown`Next event: ${next.title}, ${secondText(next.startMs)}.`
        : markdown`Under way: ${next.title}, until ${secondText(next.endMs)}.`,
    );
  return lines;
}

function trouble({ rejected }: CategoryStatus): string[] {
  const last = rejected.at(-1);
  return last === undefined
    ? []
    : [markdown`Last refusal or failure, ${secondText(last.atMs)}: ${last.what}: ${last.why}.`];
}

/** What has changed and since when; null when nothing has. */
export function driftInWords(drifts: readonly Drift[]): string | null {
  if (drifts.length === 0) return null;
  return drifts
    .map(({ kind, what, sinceMs }) => `${kind} drifted: ${what}, since ${new Date(sinceMs).toISOString()}`)
    .join('; ');
}

const planned = (nodes: number): string => `${nodes} ${nodes === 1 ? 'node' : 'nodes'} planned`;
