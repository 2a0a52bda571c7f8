/** The inputs of the activities that train: names, ids, and parameters within what a fit can take. */
import { z } from 'zod';
import { categoryName } from '../../core/category/name';
import type { Configuration } from '../../core/evaluation/selection/selection';
import type {
  CandidateSummary,
  ChooseModelInput,
  FitCandidateInput,
  JudgeIncumbentInput,
  PromoteModelInput,
  RetrainInput,
} from '../../workflows/contracts';
import { figure, id, instantMs, sentence } from './parts';

const family = z
  .string()
  .regex(/^[a-z0-9][a-z0-9+-]{0,79}$/, 'expected the name of a model family, such as "boosted"');

const configuration: z.ZodType<Configuration> = z.object({
  family,
  days: z.number().min(0).max(3_650),
  parameters: z.record(z.string().max(60), z.number().min(-10_000).max(10_000)),
});

const blocks = z
  .array(
    z.object({
      demand: figure,
      foresight: figure,
      decisions: figure,
      at: z.array(z.object({ paid: figure, missing: figure, exceeded: figure, changes: figure })).max(100),
    }),
  )
  .max(10_000);

const candidate: z.ZodType<CandidateSummary> = z.object({
  family,
  configuration,
  modelId: id.nullable(),
  waste: figure.nullable(),
  realizedRisk: figure.nullable(),
  decisions: figure.nullable(),
  fitMs: figure.nullable(),
  blocks: blocks.nullable(),
  failure: sentence.nullable(),
});

export const planTrainingInput: z.ZodType<Pick<RetrainInput, 'category' | 'families'>> = z.object({
  category: categoryName,
  families: z.array(family).min(1).max(100).exactOptional(),
});

export const judgeIncumbentInput: z.ZodType<JudgeIncumbentInput> = z.object({
  category: categoryName,
  modelId: id,
  toMs: instantMs,
});

export const fitCandidateInput: z.ZodType<FitCandidateInput> = z.object({
  category: categoryName,
  configuration,
  modelId: id,
  toMs: instantMs,
});

export const chooseModelInput: z.ZodType<ChooseModelInput> = z.object({
  category: categoryName,
  toMs: instantMs,
  incumbent: candidate.nullable(),
  candidates: z.array(candidate).max(1_000),
});

export const promoteModelInput: z.ZodType<PromoteModelInput> = z.object({
  category: categoryName,
  modelId: id.nullable(),
  reason: sentence,
  rejected: z.array(id).max(1_000),
});
