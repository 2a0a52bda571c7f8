/** One thing that a workflow’s history says about a category, and its line in the audit. */
import { visibleLine } from '../../core/text/visible';

export interface AuditEntry {
  readonly atMs: number;
  readonly workflowId: string;
  readonly runId: string;
  /** Its number in the history of the run. */
  readonly eventId: number;
  /** `asked`: by a person or a program; `predicted`, `decided`, `done`, `verified`, `trained`; `failed`; `began`, `ended`: of a workflow. */
  readonly kind:
    | 'asked'
    | 'predicted'
    | 'decided'
    | 'done'
    | 'verified'
    | 'trained'
    | 'failed'
    | 'began'
    | 'ended';
  /** Identity of who asked; null if the workflow did it by itself. */
  readonly by: string | null;
  readonly what: string;
  /** It changed nothing: shown only with `--all`. */
  readonly routine: boolean;
  /** What the history holds: input, result or failure. */
  readonly details: unknown;
}

/** One line, whatever names and messages have in them: `2026-06-11T19:00:00.000Z  decided    …` */
export function entryLine({ atMs, kind, by, what, workflowId }: AuditEntry): string {
  const training = workflowId.startsWith('retrain:') ? 'retrain: ' : '';
  return visibleLine(
    `${new Date(atMs).toISOString()}  ${kind.padEnd(9)}  ${training}${what}${by === null ? '' : `  [${by}]`}`,
  );
}
