/** The policies of a scorecard → cost against overflow, every policy a line over its knob. */
import type { ScorecardFile } from '../simulate/scorecardFile';
import { drawChart, type Line, logTicks, roundTicks } from './chart';
import { figure, type Html, html, percent } from './html';

/** In the order of the style sheet's colours; what is not listed comes after. */
const drawnPolicies = ['pam', 'reactive', 'scheduled', 'last-value', 'seasonal-naive', 'moving-peak'];
/** Points beyond are of no use to anyone and would squeeze the rest. */
const mostExcess = 3;

type PolicyFigures = ScorecardFile['policies'][number];

export function frontierChart({ name, policies }: ScorecardFile): Html {
  const shown = policies.filter(
    ({ overflowRate, costRatio, policy }) =>
      overflowRate > 0 && costRatio < 1 + mostExcess && drawnPolicies.includes(policy),
  );
  if (shown.length === 0)
    return html`<p>No policy left any overflow within ${mostExcess + 1} times the cost of foresight: there is no frontier to draw.</p>`;
  const rates = shown.map(({ overflowRate }) => overflowRate);
  const from = Math.max(1e-6, Math.min(...rates));
  const to = Math.max(...rates, from * 10);
  const highest = Math.max(...shown.map(({ costRatio }) => costRatio), 1.2);
  const named = drawnPolicies.filter((policy) => shown.some((one) => one.policy === policy));
  const lines = named.map((policy): Line => {
    const points = shown
      .filter((one) => one.policy === policy)
      .sort((a, b) => a.overflowRate - b.overflowRate);
    return {
      style: `policy-${drawnPolicies.indexOf(policy)}`,
      points: points.map(({ overflowRate, costRatio }) => [overflowRate, costRatio]),
      dots: true,
      titles: points.map(titleOf),
    };
  });
  const legend = named.map(
    (policy) =>
      html`<span class="key"><svg viewBox="0 0 14 8" width="14" height="8" aria-hidden="true"><path class="line policy-${drawnPolicies.indexOf(policy)}" d="M0 4H14"/></svg>${policy}</span>`,
  );
  const drawing = drawChart({
    label: `${name}: cost relative to perfect foresight against the share of requests above capacity, for ${named.join(', ')}`,
    x: {
      from,
      to,
      log: true,
      ticks: logTicks(from, to).map((rate) => ({ at: rate, text: percent(rate) })),
      label: 'overflow: share of requests above routable capacity',
    },
    y: {
      from: 1,
      to: highest,
      ticks: roundTicks(1, highest).map((ratio) => ({ at: ratio, text: figure(ratio) })),
      label: 'cost ÷ perfect foresight',
    },
    lines,
    height: 340,
  });
  return html`<div class="legend">${legend}</div>${drawing}<p class="note">Lower and further left is better. Every dot is a knob: PAM’s is the accepted risk, the rivals’ are tuned in hindsight. 1 is the plan that knows the future.</p>`;
}

function titleOf({ policy, knob, overflowRate, costRatio }: PolicyFigures): string {
  return `${policy} ${knob}: overflow ${percent(overflowRate)}, cost ${figure(costRatio)} × foresight`;
}
