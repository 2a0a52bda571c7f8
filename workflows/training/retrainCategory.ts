/**
 * A category → the best model that its latest history gives: what serves and every candidate are judged on the same
 * days, and a candidate takes over only when it is clearly better. Every candidate is an activity; the result, with its
 * figures and reasons, is the workflow's result.
 */
import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  uuid4,
} from '@temporalio/workflow';
import { z } from 'zod';
import type { TrainingActivities } from '../../activities/createActivities';
import { categoryName } from '../../core/category/name';
import { describeIssues } from '../../core/describeIssues';
import { nonRetryableCodes } from '../../core/errors';
import type { Configuration } from '../../core/evaluation/selection/selection';
import { markdown, markdownText } from '../../core/text/markdown';
import {
  type CandidateSummary,
  lostCandidate,
  type ModelChoice,
  type RetrainInput,
  type RetrainResult,
} from '../contracts';

const input = z.strictObject({
  category: categoryName,
  reason: z.string().max(500).default('asked for'),
  families: z.array(z.string().min(1)).min(1).optional(),
  search: z.enum(['families', 'wide']).default('wide'),
});

const retry = {
  initialInterval: '500ms',
  maximumInterval: '10s',
  maximumAttempts: 5,
  nonRetryableErrorTypes: nonRetryableCodes,
} as const;

const { planTraining, chooseModel, promoteModel } = proxyActivities<TrainingActivities>({
  startToCloseTimeout: '30s',
  retry,
});
const { fitCandidate, judgeIncumbent } = proxyActivities<TrainingActivities>({
  startToCloseTimeout: '10m',
  heartbeatTimeout: '20s',
  retry: { ...retry, maximumAttempts: 2 },
});

/** Never two at a time for a category: the workflow id `retrain:<category>` sees to it. */
export async function retrainCategory(message: RetrainInput): Promise<RetrainResult> {
  const parsed = input.safeParse(message);
  if (!parsed.success) throw ApplicationFailure.nonRetryable(describeIssues(parsed.error), 'INVALID_INPUT');
  const { category, reason, families, search } = parsed.data;

  // The static summary is absent where a person or a Schedule started it without one.
  const tell = (standing: string) =>
    setCurrentDetails(`${markdown`Training of **${category}**: ${reason}.`}\n\n${standing}`);
  tell('Reading what its history can carry.');
  const plan = await planTraining.executeWithOptions(
    { summary: markdownText(`what ${category} can carry: ${reason}`.slice(0, 180)) },
    [{ category, ...(families === undefined ? {} : { families }) }],
  );
  const { toMs } = plan;
  const incumbent =
    plan.incumbent === null
      ? null
      : await judgeIncumbent.executeWithOptions(
          { summary: `${plan.incumbent.family}, the model in use, on the latest days of ${category}` },
          [{ category, modelId: plan.incumbent.modelId, toMs }],
        );

  const candidates: CandidateSummary[] = plan.leftOut.map(({ family, reason: failure }) =>
    lostCandidate({ family, days: 0, parameters: {} }, failure),
  );
  const tryAll = async (configurations: readonly Configuration[]): Promise<ModelChoice> => {
    const last = candidates.length + configurations.length;
    for (const configuration of configurations) {
      tell(`Candidate ${candidates.length + 1} of ${last}: ${configuration.family}.`);
      candidates.push(await fitOne(category, configuration, toMs));
    }
    return chooseModel.executeWithOptions({ summary: `${candidates.length} candidates of ${category}` }, [
      { category, toMs, incumbent, candidates },
    ]);
  };
  let choice = await tryAll(plan.configurations);
  const found = choice.outcome === 'first' || choice.outcome === 'better';
  if (!found && search === 'wide' && choice.wider.length > 0) choice = await tryAll(choice.wider);

  const keeps = choice.promoted === null;
  tell(
    markdown`${keeps ? `${category} keeps its model` : `${choice.promoted} serves ${category}`}: ${choice.reason}.`,
  );
  const ids = candidates.flatMap(({ modelId }) => (modelId === null ? [] : [modelId]));
  await promoteModel.executeWithOptions(
    {
      summary: keeps ? `${category} keeps its model` : `${choice.promoted} serves ${category}`,
    },
    [
      {
        category,
        modelId: choice.promoted,
        reason: choice.reason,
        rejected: ids.filter((id) => id !== choice.promoted),
      },
    ],
  );
  return {
    category,
    promoted: choice.promoted,
    family: candidates.find(({ modelId }) => modelId !== null && modelId === choice.promoted)?.family ?? null,
    outcome: ids.length === 0 ? 'nothing-fitted' : choice.outcome,
    reason: [plan.rolledBack, reason, choice.reason].filter((part) => part !== null).join('; '),
    rolledBack: plan.rolledBack,
    incumbent: incumbent === null ? null : withoutBlocks(incumbent),
    candidates: candidates.map(withoutBlocks),
  };
}

/** A candidate that fails is a result with its reason: the others go on. */
async function fitOne(
  category: string,
  configuration: Configuration,
  toMs: number,
): Promise<CandidateSummary> {
  const { family, days, parameters } = configuration;
  const settings = Object.entries(parameters).map(([name, value]) => `, ${name} ${value}`);
  try {
    return await fitCandidate.executeWithOptions(
      { summary: `${family} on ${days} days of ${category}${settings.join('')}` },
      [{ category, configuration, modelId: `${category}-${family}-${uuid4().slice(0, 8)}`, toMs }],
    );
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    return lostCandidate(configuration, error.cause?.message ?? error.message);
  }
}

/** The result tells the figures that the choice came to; what they are made of is in the history and the models table. */
function withoutBlocks({ blocks: _, ...summary }: CandidateSummary): Omit<CandidateSummary, 'blocks'> {
  return summary;
}
