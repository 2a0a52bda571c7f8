/** Where a category stands, in a sentence or two of Markdown, for the Temporal UI's current details. */
import type { Drift } from '../../core/forecasting/drift';
import type { CategoryStatus } from '../contracts';

export function describeStanding(status: CategoryStatus, nowMs: number): string {
  const { counts, forecast, decision } = status;
  const lines = [
    `**${status.category}** is ${modeInWords(status)}: ${counts.routable} of ${counts.provisioned} nodes take traffic, ${counts.planned} planned, ${counts.required} required.`,
  ];
  if (forecast !== null)
    lines.push(
      forecast.peakDemand === null
        ? `Forecast: ${forecast.basis}.`
        : `Forecast: peak of ${round(forecast.peakDemand)} requests a bin over the lead window, last bin ${forecast.lastDemand === null ? 'missing' : round(forecast.lastDemand)}; ${forecast.basis}.`,
    );
  if (forecast?.lead !== undefined && (forecast.lead.sinceMs !== null || forecast.lead.warning !== null))
    lines.push(
      `Lead: ${forecast.lead.bins} bins, ${forecast.lead.reason}${forecast.lead.warning === null ? '' : `; ${forecast.lead.warning}`}.`,
    );
  if (decision !== null) lines.push(`Last decision (${decision.trigger}): ${decision.reason}.`);
  if (status.verified !== null) lines.push(`Verified: ${status.verified.finding}.`);
  const { accuracy } = status;
  if (accuracy !== null && accuracy.relativeError !== null)
    lines.push(
      `Accuracy over the last day: ${accuracy.relativeError.toFixed(2)} of the error of the last value.`,
    );
  const drift = driftInWords(accuracy?.drifts ?? []);
  if (drift !== null) lines.push(`Changed: ${drift}.`);
  if (status.override !== null)
    lines.push(
      `Override: ${status.override.nodes} nodes until ${new Date(status.override.untilMs).toISOString()}, ${status.override.reason}.`,
    );
  const next = status.pendingEvents.find((event) => event.endMs > nowMs);
  if (next !== undefined) lines.push(`Next event: ${next.title}, ${new Date(next.startMs).toISOString()}.`);
  const trouble = status.rejected.at(-1);
  if (trouble !== undefined) lines.push(`Last refusal or failure: ${trouble.what}: ${trouble.why}.`);
  return lines.join('\n\n');
}

/** What has changed and since when; null when nothing has. */
export function driftInWords(drifts: readonly Drift[]): string | null {
  if (drifts.length === 0) return null;
  return drifts
    .map(({ kind, what, sinceMs }) => `${kind} drifted: ${what}, since ${new Date(sinceMs).toISOString()}`)
    .join('; ');
}

function modeInWords({ mode }: CategoryStatus): string {
  return { active: 'active', 'forecast-only': 'forecast-only', paused: 'paused', stopping: 'stopping' }[mode];
}

function round(value: number): string {
  return value >= 100 ? Math.round(value).toString() : value.toFixed(1);
}
