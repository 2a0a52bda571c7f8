/** What models cost on the same folds → which one should serve, with its figures and the reason in words. */
import { wholePercent } from '../../text/figures';
import type { BlockCost } from '../costs/planCost';

/** What makes one model differ from another before it is fitted. */
export interface Configuration {
  readonly family: string;
  /** Most days of history that it is fitted on. */
  readonly days: number;
  /** The family's own, where they are not its defaults. */
  readonly parameters: Readonly<Record<string, number>>;
}

export interface Contender {
  readonly modelId: string;
  readonly configuration: Configuration;
  /** Null where it could not be judged. */
  readonly blocks: readonly BlockCost[] | null;
}

/** The incumbent among the contenders. */
export interface ServingContender extends Contender {
  /** Bins that came since it was fitted. */
  readonly unseenBins: number;
}

export interface Choice {
  /** The contender to promote; null: keep what serves. */
  readonly promoted: string | null;
  /** `first`: nothing served before; `better`: clearly better; `refreshed`: the same configuration, fitted anew; `kept`. */
  readonly outcome: 'first' | 'better' | 'refreshed' | 'kept';
  readonly reason: string;
}

export interface Comparison {
  /** Loss of the one ÷ loss of the other, below 1 when the one is better. */
  readonly ratio: number;
  /** Standard error of its logarithm, by the jackknife over blocks. */
  readonly error: number;
}

/** Judged at the accepted risk and these multiples of it. */
const riskMultiples = [10, 3, 1];
const highestRisk = 0.4;
/** Losses below this share of the foresight cost are taken as this: a hair less waste is no reason to switch. */
const leastWaste = 0.01;
/** Clearly better: at least 5 % less loss, and above chance: by more than this many standard errors. */
const margin = Math.log(1.05);
const errorsApart = 2;

/** Descending, the accepted risk last. */
export function sweptRisks(risk: number): number[] {
  return [
    ...new Set(riskMultiples.map((multiple) => Math.max(risk, Math.min(highestRisk, multiple * risk)))),
  ];
}

/**
 * Loss of a model, as a share of what foresight pays. At each swept risk r the plan pays for nodes and misses some;
 *
 *   loss(r) = paid − foresight + (1 − r) ÷ r · missing,
 *
 * in node-bins: whoever accepts the risk r keeps one more node until it is needed in a share r of the bins, so a missing
 * node is worth (1 − r) ÷ r spare ones (the newsvendor's critical ratio, Arrow, Harris and Marschak 1951). The geometric
 * mean over the accepted risk, 3 and 10 times it is taken. On a few days the accepted 1 % is missed in some dozen bins,
 * most of them in one burst; at 10 % ten times as many decisions have a say, and a model's quantiles move together.
 *
 * Why not cost at equal overflow, which the scorecard compares over a month: on three days many plans never reach the
 * overflow that they are to be compared at, and where they do it hangs on the same burst. Nor the pinball loss at the
 * accepted risk alone. On all stretches of the real traces, how far the month's excess of the model chosen was above
 * that of the best, on average of five traces: docs/decisions/0004-selection-by-cost.md.
 */
export function lossOf(blocks: readonly BlockCost[], risks: readonly number[]): number {
  const foresight = Math.max(
    1,
    sum(blocks, ({ foresight: cost }) => cost),
  );
  const logs = risks.map((risk, which) => {
    const paid = sum(blocks, ({ at }) => at[which]!.paid);
    const missing = sum(blocks, ({ at }) => at[which]!.missing);
    return Math.log(Math.max(leastWaste, (paid + ((1 - risk) / risk) * missing) / foresight - 1));
  });
  return Math.exp(logs.reduce((total, log) => total + log, 0) / logs.length);
}

/** Both on the same bins. The error is infinite with fewer than three blocks: then nothing is above chance. */
export function compare(
  one: readonly BlockCost[],
  other: readonly BlockCost[],
  risks: readonly number[],
): Comparison {
  const logRatio = (a: readonly BlockCost[], b: readonly BlockCost[]) =>
    Math.log(lossOf(a, risks) / lossOf(b, risks));
  const blocks = one.length;
  const ratio = Math.exp(logRatio(one, other));
  if (blocks < 3) return { ratio, error: Number.POSITIVE_INFINITY };
  const without = one.map((_, left) =>
    logRatio(
      one.filter((_, block) => block !== left),
      other.filter((_, block) => block !== left),
    ),
  );
  const mean = without.reduce((total, value) => total + value, 0) / blocks;
  const spread = without.reduce((total, value) => total + (value - mean) ** 2, 0);
  return { ratio, error: Math.sqrt(((blocks - 1) / blocks) * spread) };
}

export function clearlyBetter({ ratio, error }: Comparison): boolean {
  const gain = -Math.log(ratio);
  return gain >= margin && gain > errorsApart * error;
}

/** Costs more than the other, by less than the margin. */
export function withinMargin({ ratio }: Comparison): boolean {
  return Math.log(ratio) < margin;
}

/** Costs more by at most half of the margin, and within it beyond chance: what hovers about the margin is not. */
export function surelyWithinMargin({ ratio, error }: Comparison): boolean {
  return Math.log(ratio) + Math.max(margin / 2, errorsApart * error) <= margin;
}

/**
 * The best contender where nothing serves yet; else one that is clearly better than the incumbent. The incumbent's own
 * configuration, fitted anew, needs no such proof when it has seen at least `refreshBins` bins more, for it can only know
 * more: it takes over unless it is clearly worse. Deterministic.
 */
export function chooseContender(
  contenders: readonly Contender[],
  incumbent: ServingContender | null,
  { risk, refreshBins }: { readonly risk: number; readonly refreshBins: number },
): Choice {
  const risks = sweptRisks(risk);
  const ranked = contenders
    .flatMap(({ blocks, ...contender }) => (blocks === null ? [] : [{ ...contender, blocks }]))
    .map((contender) => ({ ...contender, loss: lossOf(contender.blocks, risks) }))
    .sort((a, b) => a.loss - b.loss);
  const best = ranked[0];
  const figures = ranked
    .map(({ configuration, loss }) => `${described(configuration)} ${share(loss)}`)
    .join(', ');
  if (best === undefined)
    return { promoted: null, outcome: 'kept', reason: 'no candidate could be judged on the latest demand' };
  if (incumbent === null)
    return {
      promoted: best.modelId,
      outcome: 'first',
      reason: `${described(best.configuration)} has the lowest expected waste above foresight (${figures})`,
    };
  const { configuration, blocks, unseenBins } = incumbent;
  const refreshed =
    unseenBins >= refreshBins
      ? ranked.find((contender) => sameConfiguration(contender.configuration, configuration))
      : undefined;
  if (blocks === null) {
    const better = refreshed ?? best;
    return {
      promoted: better.modelId,
      outcome: better === refreshed ? 'refreshed' : 'better',
      reason: `the model in use could not be judged; ${described(better.configuration)} takes over (${figures})`,
    };
  }
  const serving = `the model in use, ${described(configuration)} ${share(lossOf(blocks, risks))}`;
  // Ahead of the incumbent and of its own refit, or a new configuration would win by its fresher data alone.
  const references = [blocks, ...(refreshed === undefined ? [] : [refreshed.blocks])];
  const challenger = ranked.find(
    (contender) =>
      !sameConfiguration(contender.configuration, configuration) &&
      references.every((reference) => clearlyBetter(compare(contender.blocks, reference, risks))),
  );
  if (challenger !== undefined)
    return {
      promoted: challenger.modelId,
      outcome: 'better',
      reason: `${described(challenger.configuration)} wastes ${wholePercent(1 - compare(challenger.blocks, blocks, risks).ratio)} less than ${serving} (${figures})`,
    };
  if (refreshed !== undefined) {
    const comparison = compare(refreshed.blocks, blocks, risks);
    if (!clearlyBetter({ ...comparison, ratio: 1 / comparison.ratio }))
      return {
        promoted: refreshed.modelId,
        outcome: 'refreshed',
        reason: `no other configuration is clearly better than ${serving}; fitted anew with ${unseenBins} bins that it had not seen (${figures})`,
      };
  }
  const anew = ranked.find((contender) => sameConfiguration(contender.configuration, configuration));
  if (anew !== undefined && clearlyBetter(compare(anew.blocks, blocks, risks)))
    return {
      promoted: anew.modelId,
      outcome: 'better',
      reason: `fitted anew it wastes ${wholePercent(1 - compare(anew.blocks, blocks, risks).ratio)} less than ${serving} (${figures})`,
    };
  return {
    promoted: null,
    outcome: 'kept',
    reason: `none is clearly better than ${serving}: ${whyNot(best, blocks, risks)} (${figures})`,
  };
}

export function sameConfiguration(a: Configuration, b: Configuration): boolean {
  const keys = [...new Set([...Object.keys(a.parameters), ...Object.keys(b.parameters)])];
  return (
    a.family === b.family && a.days === b.days && keys.every((key) => a.parameters[key] === b.parameters[key])
  );
}

/** `boosted`, `boosted on 7 days`, `boosted with depth 4`. */
export function described({ family, days, parameters }: Configuration, usualDays = 28): string {
  const settings = Object.entries(parameters).map(([name, value]) => `${name} ${value}`);
  return [
    family,
    ...(days === usualDays ? [] : [`on ${days} days`]),
    ...(settings.length === 0 ? [] : [`with ${settings.join(' and ')}`]),
  ].join(' ');
}

function whyNot(
  best: { configuration: Configuration; blocks: readonly BlockCost[] },
  incumbent: readonly BlockCost[],
  risks: readonly number[],
): string {
  const { ratio, error } = compare(best.blocks, incumbent, risks);
  return `the best, ${described(best.configuration)}, wastes ${ratio.toFixed(3)} times as much, ±${wholePercent(error)}`;
}

function sum(blocks: readonly BlockCost[], part: (block: BlockCost) => number): number {
  return blocks.reduce((total, block) => total + part(block), 0);
}

const share = (value: number) => `${(value * 100).toPrecision(3)} %`;
