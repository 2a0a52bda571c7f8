/** The result of an activity → its entry in the audit. An unknown activity is described by its summary. */
import { percent, rounded } from '../../core/text/figures';
import { durationInWords } from '../../core/time/durationWords';
import type { DecisionSummary, PredictSummary, ScaleSummary, VerifySummary } from '../../workflows/contracts';
import type { AuditEntry } from './entry';

export interface ActivityRecord {
  readonly type: string;
  /** As the Temporal UI shows it; empty if it has none. */
  readonly summary: string;
  readonly input: unknown;
}

type Words = Pick<AuditEntry, 'kind' | 'what' | 'routine'>;

export function activityWords({ type, summary, input }: ActivityRecord, result: unknown): Words {
  switch (type) {
    case 'predict':
      return { kind: 'predicted', what: predicted(result as PredictSummary), routine: false };
    case 'calculate':
      return { kind: 'decided', what: decided(result as DecisionSummary), routine: false };
    case 'scale': {
      const { created, removed, replaced = [], provisioned, stack, tookMs } = result as ScaleSummary;
      const sick = replaced.length === 0 ? '' : ` (${replaced.join(', ')} for being unhealthy)`;
      const routine = created === 0 && removed === 0;
      const what = routine
        ? `${provisioned} nodes kept`
        : `${created} nodes created, ${removed} removed${sick}: ${provisioned} provisioned (stack ${stack}, ${rounded(tookMs / 1_000)} s)`;
      return { kind: 'done', what, routine };
    }
    case 'verify': {
      const { finding, scaleUp, health } = result as VerifySummary;
      return {
        kind: 'verified',
        what:
          scaleUp === null
            ? finding
            : `${finding}; ${scaleUp.nodes} nodes are needed at once: ${scaleUp.reason}`,
        routine: scaleUp === null && !health?.givenUp.some(({ atMs }) => atMs === health.atMs),
      };
    }
    case 'registerCategory':
      return { kind: 'done', what: 'settings registered', routine: false };
    case 'recordEvents':
      return { kind: 'done', what: `events stored: ${summary}`, routine: false };
    case 'removeNodes':
      return { kind: 'done', what: summary, routine: false };
    case 'promoteModel':
      return { kind: 'trained', what: summary, routine: false };
    case 'fitCandidate':
      return { kind: 'trained', what: `${summary}: ${fitted(result)}`, routine: false };
    default:
      return {
        kind: 'done',
        what: summary === '' ? `${type}(${JSON.stringify(input)})`.slice(0, 300) : summary,
        routine: true,
      };
  }
}

function predicted({ family, modelId, peakDemand, lastDemand, horizons, basis }: PredictSummary): string {
  if (peakDemand === null) return `nothing: ${basis}`;
  const near = horizons[0];
  const ahead = near === undefined ? '' : `, ${rounded(near.p50)} in ${durationInWords(near.aheadMs)}`;
  const last = lastDemand === null ? 'last bin missing' : `last bin ${rounded(lastDemand)}`;
  return `peak of at most ${rounded(peakDemand)} requests a bin${ahead}, ${last} (${modelId ?? family}; ${basis})`;
}

function decided({ required, planned, rule, trigger, reason }: DecisionSummary): string {
  return `${required} required → ${planned} planned (${rule}, woken by ${trigger}): ${reason}`;
}

function fitted(result: unknown): string {
  if (typeof result !== 'object' || result === null) return 'no result';
  const { waste, failure } = result as { waste?: number | null; failure?: string | null };
  if (failure != null) return `no model: ${failure}`;
  return waste == null ? 'not judged' : `waste ${percent(waste)} above foresight`;
}
