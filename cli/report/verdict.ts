/** A scorecard → what going from forecast-only to active would come to, in sentences. */
import type { ScorecardFile } from '../simulate/scorecardFile';
import { figure, percent } from './html';

type PolicyFigures = ScorecardFile['policies'][number];

/** PAM at the risk nearest to the one that production ships with; null where PAM was not replayed. */
export function chosenPam({ policies }: ScorecardFile): PolicyFigures | null {
  const pam = policies.filter(({ policy }) => policy === 'pam');
  const distance = ({ acceptedRisk }: PolicyFigures) => Math.abs(Math.log((acceptedRisk ?? 1) / 0.01));
  return [...pam].sort((a, b) => distance(a) - distance(b))[0] ?? null;
}

/** The cheapest knob of a rival that lets no more requests overflow than `rate`. */
function cheapestWithin(scorecard: ScorecardFile, rival: string, rate: number): PolicyFigures | null {
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
  const hours = (bins: number) => (bins * scorecard.binMs) / 3_600_000;
  const sentences: string[] = [];
  const rival = cheapestWithin(scorecard, 'reactive', pam.overflowRate);
  if (rival === null)
    sentences.push(
      `No knob of the reactive autoscaler lets as few requests overflow as PAM at risk ${pam.knob} (${percent(pam.overflowRate)}): no saving can be stated at that service.`,
    );
  else {
    const saved = rival.cost - pam.cost;
    sentences.push(
      saved >= 0
        ? `With PAM at risk ${pam.knob} this window needs ${figure(hours(saved))} node-hours less than the best reactive autoscaler that overflows no more (target ${rival.knob}): ${percent(saved / rival.cost)} of its cost.`
        : `With PAM at risk ${pam.knob} this window needs ${figure(hours(-saved))} node-hours more than the best reactive autoscaler that overflows no more (target ${rival.knob}, tuned in hindsight): ${percent(-saved / rival.cost)}. Stay in forecast-only, or accept more risk.`,
    );
  }
  sentences.push(
    `PAM used ${figure(hours(pam.cost))} node-hours, ${figure(pam.costRatio)} times perfect foresight; ${percent(pam.overflowRate)} of the requests came above the capacity that was routable, in ${percent(pam.overflowBins)} of the bins; the planned number changed ${figure(pam.scaleActionsPerDay)} times a day.`,
  );
  const realized = pam.realizedQuantileRisk ?? pam.realizedRisk;
  const accepted = pam.acceptedRisk ?? Number.NaN;
  const off = realized / accepted;
  sentences.push(
    `The accepted risk of ${percent(accepted)} came true in ${percent(realized)} of ${figure(pam.decisions)} decisions${
      off > 1.3
        ? ', which is more than was accepted: too short a history, or demand that changes its ways'
        : off < 0.7
          ? ', which is less than was accepted: capacity was held for nothing'
          : ''
    }.`,
  );
  return sentences;
}
