/** The shape of `scorecard.json`: what `pam simulate` writes and `pam report` reads. */
import { z } from 'zod';
import { describeIssues } from '../../core/describeIssues';
import { PamError } from '../../core/errors';
import { messageOf } from '../../core/thrown';

const count = z.number().min(0);
const maybe = z.number().nullable();

const categoryFigures = z.object({
  category: z.string(),
  requestsPerNodeBin: z.number().positive(),
  bins: count,
  missingBins: count,
  demand: count,
  overflow: count,
  overflowBins: count,
  cost: count,
  foresightCost: count,
  scaleActions: count,
  days: count,
  decisions: count,
  exceeded: count,
  quantileDecisions: maybe,
  quantileExceeded: maybe,
});

const policyFigures = z.object({
  policy: z.string(),
  knob: z.string(),
  acceptedRisk: maybe,
  overflowRate: count,
  overflowBins: count,
  cost: count,
  foresightCost: count,
  costRatio: count,
  scaleActionsPerDay: count,
  decisions: count,
  realizedRisk: count,
  realizedQuantileRisk: maybe,
  categories: z.array(categoryFigures),
});

const shownWindow = z.object({
  category: z.string(),
  label: z.enum(['worst', 'wasteful', 'typical']),
  startMs: z.number(),
  binMs: z.number().positive(),
  requestsPerNodeBin: z.number().positive(),
  knob: z.string(),
  probabilities: z.array(z.number()),
  counts: z.array(maybe),
  peaks: z.array(maybe),
  quantiles: z.array(z.array(z.number())),
  planned: z.array(z.number()),
  routable: z.array(z.number()),
});

/** Raised if the new shape would mislead a reader of the old one. */
const scorecardVersion = 1;
const versioned = z.object({ version: z.unknown() });

export const scorecardFile = z.object({
  version: z.literal(scorecardVersion),
  name: z.string(),
  trace: z.string(),
  calendars: z.array(z.string()),
  from: z.string(),
  to: z.string(),
  binMs: z.number().positive(),
  leadMs: z.number().min(0),
  capacity: z.union([z.literal('auto'), z.number().positive()]),
  family: z.string(),
  seed: z.number(),
  holdMs: z.union([z.number().min(0), z.literal('auto')]),
  policies: z.array(policyFigures),
  excessRatios: z.array(
    z.object({
      rival: z.string(),
      at: z.array(
        z.object({ overflowRate: z.number(), cost: z.number(), rivalCost: z.number(), ratio: z.number() }),
      ),
      mean: maybe,
    }),
  ),
  atEqualOverflow: z.array(
    z.object({ knob: z.string(), rival: z.string(), overflowRate: z.number(), ratio: z.number() }),
  ),
  windows: z.array(shownWindow),
});

export type ScorecardFile = z.infer<typeof scorecardFile>;

/** Text of a scorecard → its content; `place` names it in the message. Throws PamError INVALID_DATA. */
export function readScorecard(text: string, place: string): ScorecardFile {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new PamError(
      'INVALID_DATA',
      `${place} is not JSON (${messageOf(error)}); expected a scorecard.json of "pam simulate"`,
    );
  }
  const { version } = versioned.safeParse(content).data ?? {};
  if (version !== undefined && version !== scorecardVersion)
    throw new PamError(
      'INVALID_DATA',
      `${place} is a scorecard of version ${JSON.stringify(version)}; this pam reads version ${scorecardVersion}: run "pam simulate" again, with this version of pam`,
    );
  const read = scorecardFile.safeParse(content);
  if (!read.success)
    throw new PamError(
      'INVALID_DATA',
      `${place} is not a scorecard of "pam simulate": ${describeIssues(read.error)}`,
    );
  return read.data;
}
