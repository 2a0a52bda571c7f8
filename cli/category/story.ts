/** A category → all that is known of it now: the workflow’s answer, its models and its last decisions. */
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Database } from '../../adapters/postgres';
import { PamError } from '../../core/errors';
import { causeInWords } from '../../core/failures/causeInWords';
import type { SettledDecision } from '../../ports/stores/forecasts/decisionArchive';
import type { StoredModel } from '../../ports/stores/forecasts/modelStore';
import { categoryWorkflowId } from '../../workflows/contracts';
import { answerMs } from '../connect/withTemporal';
import { askStatus } from './askStatus';
import { findCategories } from './findCategories';
import type { Standing } from './standings';
import { answered } from './standings';
import type { Trouble } from './troubles';

export type ModelFacts = Pick<
  StoredModel,
  'id' | 'family' | 'trainedFromMs' | 'trainedToMs' | 'figures' | 'status' | 'createdMs'
>;

export interface Story {
  readonly atMs: number;
  readonly standing: Standing;
  /** How the workflow ended; null while it runs. */
  readonly outcome: string | null;
  /** null without a model, or without the database. */
  readonly incumbent: ModelFacts | null;
  /** Newest first. */
  readonly decisions: readonly SettledDecision[];
  readonly temporalUi: string | null;
  /** What stores know to be wrong with it; absent: they were not asked. */
  readonly found?: readonly Trouble[];
}

const toldDecisions = 5;

/** Throws PamError NOT_FOUND, with the names that exist, for a category that never ran here. */
export async function storyOf(
  client: Client,
  database: Database | null,
  category: string,
  nowMs: number,
  temporalUi: string | null,
): Promise<Story> {
  const life = await lifeOf(client, category);
  const [decisions, models] = await Promise.all([
    database?.archive.latest(category, nowMs, toldDecisions).catch(() => []) ?? [],
    database?.models.list(category).catch(() => []) ?? [],
  ]);
  const incumbent = models.find(({ status }) => status === 'incumbent') ?? null;
  const rest = { atMs: nowMs, incumbent: incumbent && factsOf(incumbent), decisions, temporalUi };
  const answer = life.closedMs === null ? await askStatus(client, category) : null;
  if (answer?.kind === 'answered')
    return { ...rest, outcome: null, standing: { ...life.base, ...answered(answer.status) } };
  const last = decisions[0];
  const silent = life.closedMs === null;
  return {
    ...rest,
    outcome: silent ? null : await outcomeOf(client, category),
    standing: {
      ...life.base,
      state: silent ? 'no answer' : life.word,
      trouble: silent ? (answer?.kind === 'silent' ? answer.why : 'it ended while it was asked') : null,
      counts: last
        ? {
            required: last.plan.required,
            planned: last.plan.planned,
            provisioned: last.provisioned,
            routable: last.routable,
          }
        : null,
      source: last ? 'stored' : null,
      demand: {
        actual: last?.demand ?? null,
        predicted: null,
        aheadMs: null,
        peak: last?.peakDemand ?? null,
      },
      accuracy: null,
      decision: last
        ? {
            atMs: last.madeMs,
            trigger: last.trigger,
            planned: last.plan.planned,
            rule: last.plan.rule,
            reason: last.plan.reason,
          }
        : null,
      status: null,
    },
  };
}

function factsOf({
  id,
  family,
  trainedFromMs,
  trainedToMs,
  figures,
  status,
  createdMs,
}: ModelFacts): ModelFacts {
  return { id, family, trainedFromMs, trainedToMs, figures, status, createdMs };
}

async function lifeOf(client: Client, category: string) {
  try {
    const described = await client.withDeadline(Date.now() + answerMs, () =>
      client.workflow.getHandle(categoryWorkflowId(category)).describe(),
    );
    const closedMs = described.closeTime?.getTime() ?? null;
    return {
      closedMs,
      word: described.status.name.toLowerCase().replaceAll('_', ' '),
      base: { category, runId: described.runId, startedMs: described.startTime.getTime(), closedMs },
    };
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw await unknownCategory(client, category);
  }
}

/** The result or the failure of a workflow that has ended. */
async function outcomeOf(client: Client, category: string): Promise<string> {
  try {
    return String(
      await client.withDeadline(Date.now() + answerMs, () =>
        client.workflow.getHandle(categoryWorkflowId(category)).result(),
      ),
    );
  } catch (error) {
    return causeInWords(error);
  }
}

/** A NOT_FOUND that lists the categories. */
export async function unknownCategory(client: Client, category: string): Promise<PamError> {
  const names = (await findCategories(client, Date.now())).map((one) => one.category);
  const known = names.length === 0 ? 'no category runs' : `there are ${names.slice(0, 20).join(', ')}`;
  return new PamError('NOT_FOUND', `no category "${category}" has run here; ${known}`);
}
