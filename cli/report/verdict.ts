/** A scorecard → what going from forecast-only to active would bring, in sentences. */
import { percent } from '../../core/text/figures';
import type { ScorecardFile } from '../simulate/scorecardFile';
import { figure } from './html';

type PolicyFigures = ScorecardFile['policies'][number];

/** PAM at the risk nearest to the default of production; null if PAM was not replayed. */
export function chosenPam({ policies }: ScorecardFile): PolicyFigures | null {
  const pam = policies.filter(({ policy }) => policy === 'pam');
  const distance = ({ acceptedRisk }: PolicyFigures) => Math.abs(Math.log((acceptedRisk ?? 1) / 0.01));
  return [...pam].sort((a, b) => distance(a) - distance(b))[0] ?? null;
}

/** The cheapest knob of a rival that lets no more requests overflow than `rate`. */
export function cheapestWithin(scorecard: ScorecardFile, rival: string, rate: number): PolicyFigures | null {
  return (
    scorecard.policies
      .filter(({ policy, overflowRate }) => policy === rival && overflowRate <= rate)
      .sort((a, b) => a.cost - b.cost)[0] ?? null
  );
}

/** Sentences; the first is the verdict. */
export function verdictOf(scorecard: ScorecardFile): string[] {
  const pam = chosenPam(scorecard);
  if (pam === null) return ['PAM was not among the replayed policies: there is no verdict.'];
  const hours = (bins: number) => figure((bins * scorecard.binMs) / 3_600_000);
  const sentences = [againstReactive(scorecard, pam, hours)];
  const fixed = cheapestWithin(scorecard, 'static-peak', pam.overflowRate);
  if (fixed !== null)
    sentences.push(
      `Fixed capacity that overflows no more, its size known only in hindsight, would have taken ${hours(fixed.cost)} node-hours: PAM takes ${percent(Math.abs(fixed.cost - pam.cost) / fixed.cost)} ${pam.cost <= fixed.cost ? 'less' : 'more'}.`,
    );
  const served =
    pam.overflowRate === 0
      ? 'no request was above the routable capacity'
      : `${percent(pam.overflowRate)} of the requests were above the routable capacity, in ${percent(pam.overflowBins)} of the bins`;
  sentences.push(
    `PAM took ${hours(pam.cost)} node-hours, ${figure(pam.costRatio)} times what a plan that knows the future takes; ${served}; the planned number of nodes changed ${figure(pam.scaleActionsPerDay)} times a day.`,
    calibrationSentence(scorecard, pam),
  );
  return sentences;
}

function againstReactive(
  scorecard: ScorecardFile,
  pam: PolicyFigures,
  hours: (bins: number) => string,
): string {
  const active = `Going active at risk ${pam.knob}`;
  const rivals = scorecard.policies.filter(({ policy }) => policy === 'reactive');
  if (rivals.length === 0)
    return `${active} would have taken ${hours(pam.cost)} node-hours. No reactive autoscaler was replayed to compare with.`;
  const rival = cheapestWithin(scorecard, 'reactive', pam.overflowRate);
  if (rival === null) {
    const safest = rivals.reduce((best, one) => (one.overflowRate < best.overflowRate ? one : best));
    return `${active} would have served better than any reactive autoscaler: no target of it lets as few requests overflow (${percent(pam.overflowRate)}); the most careful one (target ${safest.knob}) lets ${percent(safest.overflowRate)} overflow, for ${hours(safest.cost)} node-hours against PAM’s ${hours(pam.cost)}.`;
  }
  const saved = rival.cost - pam.cost;
  const other = `than the best reactive autoscaler that overflows no more (target ${rival.knob}, tuned in hindsight): ${percent(Math.abs(saved) / rival.cost)} of its cost`;
  return saved >= 0
    ? `${active} would have taken ${hours(saved)} node-hours less ${other}.`
    : `${active} would have taken ${hours(-saved)} node-hours more ${other}. Stay in forecast-only, or accept more risk.`;
}

/**
 * The deviation from the accepted risk that is a finding, and the standard deviations that make it more than chance.
 */
const [tooFew, tooMany, deviations] = [0.7, 1.3, 2];

function calibrationSentence({ leadMs, binMs }: ScorecardFile, pam: PolicyFigures): string {
  const accepted = pam.acceptedRisk ?? Number.NaN;
  const realized = pam.realizedQuantileRisk ?? pam.realizedRisk;
  const told = `The accepted risk of ${percent(accepted)} came true in ${percent(realized)} of ${figure(pam.decisions)} decisions`;
  const ratio = realized / accepted;
  if (ratio >= tooFew && ratio <= tooMany) return `${told}.`;
  // Lead windows overlap: only one in this many decisions is a new observation.
  const independent = pam.decisions / (Math.ceil(leadMs / binMs) + 1);
  const chance = Math.sqrt((accepted * (1 - accepted)) / Math.max(1, independent));
  if (Math.abs(realized - accepted) < deviations * chance)
    return `${told}, which is within chance for a window of this length.`;
  return ratio > 1
    ? `${told}, which is more than was accepted: the history is too short, or the pattern of demand changed.`
    : `${told}, which is less than was accepted: there was more capacity than that risk needs.`;
}
