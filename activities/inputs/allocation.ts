/** The inputs of the activities that allocate: what the workflow carries from one step to the next, bounded and finite. */
import { z } from 'zod';
import type { PoolHealth } from '../../core/capacity/nodeHealth';
import { categoryName } from '../../core/category/name';
import { settingsInUse } from '../../core/category/settings';
import { plainText } from '../../core/text/plainText';
import type {
  CalculateInput,
  PredictInput,
  PredictSummary,
  ScaleInput,
  VerifyInput,
} from '../../workflows/contracts';
import type { RemoveNodesInput } from '../allocation/removeNodes';
import { figure, id, instantMs, nodeCount, sentence } from './parts';

const reason = z.string().max(2_000);
const nodeId = plainText(200);

const distrust = z.object({ modelId: id, sinceMs: instantMs, reason: sentence });

const incumbent = z.object({
  id,
  trainedToMs: instantMs,
  leadBins: z.number().int().min(0).nullable(),
});

const predicted: z.ZodType<PredictSummary> = z.object({
  forecastId: id,
  originMs: instantMs,
  stage: z.enum(['default', 'last-value', 'borrowed-model', 'own-model']),
  family: plainText(200),
  modelId: id.nullable(),
  incumbent: incumbent.nullable(),
  leadBins: z.number().int().min(0),
  peak: z.object({ probabilities: z.array(figure).max(1_000), peak: z.array(figure).max(1_000) }),
  lastDemand: figure.nullable(),
  horizons: z.array(z.object({ aheadMs: figure, p50: figure, upper: figure })).max(100),
  basis: sentence,
  distrust: distrust.nullable(),
  peakDemand: figure.nullable(),
  orderDemand: figure.nullable(),
});

const override = z.object({ nodes: nodeCount, untilMs: instantMs, reason });

const unhealthyNode = z.object({ id: nodeId, sinceMs: instantMs, neverUp: z.literal(true).exactOptional() });

const health: z.ZodType<PoolHealth> = z.object({
  atMs: instantMs,
  unhealthy: z.array(unhealthyNode).max(10_000),
  replacing: z.array(unhealthyNode).max(10_000),
  lacking: nodeCount,
  givenUp: z.array(unhealthyNode.extend({ atMs: instantMs })).max(10_000),
  finding: sentence.nullable(),
});

export const predictInput: z.ZodType<PredictInput> = z.object({
  forecastId: id,
  settings: settingsInUse,
  atMs: instantMs,
  distrust: distrust.nullable(),
});

export const calculateInput: z.ZodType<CalculateInput> = z.object({
  decisionId: id,
  settings: settingsInUse,
  trigger: z.enum(['start', 'bin', 'event', 'override', 'configure', 'resume', 'pause', 'measured']),
  atMs: instantMs,
  predicted: predicted.nullable(),
  provisioned: nodeCount,
  routable: nodeCount,
  previousPlanned: nodeCount.nullable(),
  required: z.array(z.object({ atMs: instantMs, required: nodeCount })).max(100_000),
  override: override.nullable(),
  coming: z.array(override.extend({ fromMs: instantMs })).max(1_000),
  paused: z.boolean(),
  health: sentence.nullable(),
  atLeast: z.object({ nodes: nodeCount, reason: sentence }).nullable(),
});

export const scaleInput: z.ZodType<ScaleInput> = z.object({
  settings: settingsInUse,
  nodes: nodeCount,
  replace: z.array(nodeId).max(10_000),
  createdBy: plainText(400),
});

export const verifyInput: z.ZodType<VerifyInput> = z.object({
  settings: settingsInUse,
  decisionId: id.nullable(),
  planned: nodeCount,
  requestsPerNodeBin: figure.nullable(),
  predicted: z.object({ modelId: id.nullable(), incumbent: incumbent.nullable() }).nullable(),
  trainedMs: instantMs.nullable(),
  orderedMs: instantMs.nullable(),
  unmetSinceMs: instantMs.nullable(),
  health: health.nullable(),
  paused: z.boolean(),
});

export const removeNodesInput: z.ZodType<RemoveNodesInput> = z.object({
  category: categoryName,
  stopped: z.boolean(),
});
