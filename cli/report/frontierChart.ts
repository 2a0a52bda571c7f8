/** The policies of a scorecard → a chart of cost against overflow, each policy a line over its knob. */
import { percent } from '../../core/text/figures';
import { frontierOf } from '../../simulation/frontier';
import type { ScorecardFile } from '../simulate/scorecardFile';
import { drawChart, type Line, logTicks, roundTicks } from './chart';
import { figure, type Html, html } from './html';

/** In the order of the style sheet’s colours. Foresight is the lower edge of the drawing. */
const styled = ['pam', 'reactive', 'scheduled', 'last-value', 'seasonal-naive', 'moving-peak', 'static-peak'];
const yardstick = 'foresight';

/** Limits of the drawing: this many times the cost of PAM’s most expensive knob, and this overflow. */
const mostCost = 1.5;
const mostOverflow = 0.05;
/** No overflow has no logarithm: it is drawn this far left of the least overflow. */
const noneFactor = 3;

type PolicyFigures = ScorecardFile['policies'][number];

const policyStyle = (policy: string): string =>
  `policy-${styled.includes(policy) ? styled.indexOf(policy) : 'other'}`;

export function frontierChart({ name, policies }: ScorecardFile): Html {
  const candidates = policies.filter(({ policy }) => policy !== yardstick);
  const own = candidates.filter(({ policy }) => policy === 'pam');
  const dearest = Math.max(...(own.length > 0 ? own : candidates).map(({ costRatio }) => costRatio));
  const top = Math.max(1.3, 1 + mostCost * (dearest - 1));
  const shown = candidates.filter((one) => one.costRatio <= top && one.overflowRate <= mostOverflow);
  const rates = shown.map(({ overflowRate }) => overflowRate).filter((rate) => rate > 0);
  if (rates.length === 0)
    return html`<p>No policy left any overflow within ${figure(top)} times the cost of foresight: there is no frontier to draw.</p>`;
  const least = Math.max(1e-7, Math.min(...rates));
  const none = shown.some(({ overflowRate }) => overflowRate === 0);
  const from = none ? least / noneFactor : least;
  const to = Math.max(...rates, least * 10);
  const names = [...new Set(shown.map(({ policy }) => policy))];
  // PAM last, so that it is drawn above the others.
  const named = [...names.filter((policy) => policy !== 'pam'), ...names.filter((one) => one === 'pam')];
  const lines = named.flatMap((policy): Line[] => {
    const all = shown.filter((one) => one.policy === policy);
    const best = frontierOf(all).map(({ knob }) => all.find((one) => one.knob === knob)!);
    const rest = all.filter((one) => !best.includes(one));
    const line = (points: readonly PolicyFigures[]) => ({
      points: points.map(({ overflowRate, costRatio }) => [overflowRate, costRatio] as const),
      titles: points.map(titleOf),
    });
    const style = policyStyle(policy);
    return [
      { style: `${style} faint`, loose: true, ...line(rest) },
      { style, dots: true, ...line(best) },
    ];
  });
  const legend = [...named]
    .reverse()
    .map(
      (policy) =>
        html`<span class="key"><svg viewBox="0 0 22 8" width="22" height="8" aria-hidden="true"><path class="line ${policyStyle(policy)}" d="M0 4H22"/></svg>${policy}</span>`,
    );
  const drawing = drawChart({
    label: `${name}: cost relative to perfect foresight against the share of requests above capacity, for ${named.join(', ')}. The table of all policies and knobs has the numbers.`,
    x: {
      from,
      to,
      log: true,
      ticks: [
        ...(none ? [{ at: from, text: 'none' }] : []),
        ...sparse(logTicks(least, to)).map((rate) => ({ at: rate, text: percent(rate) })),
      ],
      label: 'overflow: share of requests above routable capacity',
    },
    y: {
      from: 1,
      to: top,
      ticks: roundTicks(1, top).map((ratio) => ({ at: ratio, text: figure(ratio) })),
      label: 'cost ÷ perfect foresight',
    },
    lines,
    height: 360,
  });
  const hidden = candidates.length - shown.length;
  const left =
    hidden > 0 ? ` ${hidden} knobs that cost or overflow more than the drawing shows are in the table.` : '';
  return html`<div class="legend">${legend}</div>${drawing}<p class="note">Lower and further left is better. Every dot is a knob. PAM’s knob is the accepted risk; those of its rivals are tuned in hindsight. A faint dot is beaten by another knob of the same policy. 1 is the plan that knows the future.${left}</p>`;
}

/** Only powers of ten if there are too many ticks to read. */
function sparse(ticks: readonly number[]): readonly number[] {
  if (ticks.length <= 8) return ticks;
  return ticks.filter((tick) => Math.abs(Math.log10(tick) - Math.round(Math.log10(tick))) < 1e-6);
}

function titleOf({ policy, knob, overflowRate, costRatio }: PolicyFigures): string {
  return `${policy} ${knob}: overflow ${percent(overflowRate)}, cost ${figure(costRatio)} × foresight`;
}
