/** The numbers of a run → why it did not do its job, one sentence per reason; empty if it did. */
import { shortPercent } from '../../../core/text/figures';
import type { CategoryResult } from './result';

/** The bars behind the exit code; docs/demo.md has the same list. */
const bars = {
  /** Least share of evaluated bins that were decided on a forecast, not on the default allocation. */
  onForecast: 0.8,
  /** Most requests that may fail: one in ten thousand. */
  failed: 0.0001,
  /** Share of due requests that the generator may drop. */
  refused: 0.001,
  /** Least share of requests answered by the category’s own nodes. */
  ownPool: 0.9,
} as const;

export function shortcomings(categories: readonly CategoryResult[]): string[] {
  // A category that is played without its calendar only shows what that costs.
  return categories.filter(({ twinOf }) => twinOf === null).flatMap((category) => shortcomingsOf(category));
}

function shortcomingsOf({
  category,
  load,
  decisions,
  forecast,
  peakRoutable,
  objective,
}: CategoryResult): string[] {
  const found: string[] = [];
  const say = (what: string) => found.push(`${category}: ${what}`);
  if (load.sent === 0) {
    say('no request was sent');
    return found;
  }
  if (decisions.onForecastBins < bars.onForecast * decisions.bins)
    say(
      `only ${decisions.onForecastBins} of ${decisions.bins} bins were decided on a forecast; expected at least ${shortPercent(bars.onForecast)}`,
    );
  if (forecast.trainedModel === null)
    say('no trained model came into use; all forecasts were of the last value');
  if (peakRoutable === 0) say('none of its own nodes ever took traffic');
  if (load.failed > bars.failed * load.sent)
    say(`${load.failed} of ${load.sent} requests failed; expected at most ${shortPercent(bars.failed)}`);
  if (load.refused > bars.refused * load.due)
    say(`${load.refused} of ${load.due} requests could not be sent: too many were under way`);
  const lateShare = load.late / load.sent;
  if (lateShare > 1 - objective.share)
    say(
      `${shortPercent(lateShare)} of the requests took longer than ${objective.latencyMs} ms; the objective allows ${shortPercent(1 - objective.share)}`,
    );
  const own = load.ok === 0 ? 0 : load.ownPool / load.ok;
  if (own < bars.ownPool)
    say(
      `only ${shortPercent(own)} of the requests were answered by its own nodes; expected at least ${shortPercent(bars.ownPool)}`,
    );
  return found;
}
