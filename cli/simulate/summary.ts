/** A scorecard → the table that people read. */
import { percent } from '../../core/text/figures';
import { durationInWords } from '../../core/time/durationWords';
import { table } from '../text/table';
import type { ScorecardFile } from './scorecardFile';

type Figures = ScorecardFile['policies'][number];

const headings = [
  'policy',
  'knob',
  'overflow',
  'bins',
  'cost',
  '÷ foresight',
  'actions/day',
  'risk',
  'realized',
];

/** Every row of PAM; of each rival the cheapest knob with at most the overflow of PAM at its first risk. */
export function summaryTable(scorecard: ScorecardFile): string {
  const { policies } = scorecard;
  const own = policies.filter(({ policy }) => policy === 'pam');
  const rivals = [...new Set(policies.map(({ policy }) => policy))].filter((name) => name !== 'pam');
  const rows = [
    ...own,
    ...rivals.map((name) =>
      comparable(
        policies.filter(({ policy }) => policy === name),
        own[0]?.overflowRate,
      ),
    ),
  ];
  const lines = [headings, ...rows.map(cells)];
  return [
    `${scorecard.name}: ${scorecard.from} to ${scorecard.to}, lead ${durationInWords(scorecard.leadMs)}, bins of ${durationInWords(scorecard.binMs)}`,
    ...table(lines, 2),
    ...notes(scorecard),
  ].join('\n');
}

function comparable(figures: readonly Figures[], overflowRate = 0.001): Figures {
  const able = figures.filter((entry) => entry.overflowRate <= overflowRate * (1 + 1e-9));
  return able.length > 0
    ? able.reduce((best, entry) => (entry.cost < best.cost ? entry : best))
    : figures.reduce((best, entry) => (entry.overflowRate < best.overflowRate ? entry : best));
}

function cells(figures: Figures): string[] {
  return [
    figures.policy,
    figures.knob,
    percent(figures.overflowRate),
    percent(figures.overflowBins),
    figures.cost.toFixed(0),
    figures.costRatio.toFixed(3),
    figures.scaleActionsPerDay.toFixed(1),
    figures.acceptedRisk === null ? '' : percent(figures.acceptedRisk),
    figures.acceptedRisk === null ? '' : percent(figures.realizedQuantileRisk ?? figures.realizedRisk),
  ];
}

function notes({ excessRatios, atEqualOverflow }: ScorecardFile): string[] {
  const lines = excessRatios
    .filter(({ mean }) => mean !== null)
    .map(
      ({ rival, mean, at }) =>
        `excess ÷ ${rival}: ${mean!.toFixed(2)} (${at.map(({ overflowRate, ratio }) => `${ratio.toFixed(2)} at ${percent(overflowRate)}`).join(', ')})`,
    );
  if (lines.length > 0) return ['', ...lines];
  return [
    '',
    ...atEqualOverflow.map(
      ({ knob, rival, overflowRate, ratio }) =>
        `excess ÷ ${rival} at risk ${knob}, overflow ${percent(overflowRate)}: ${ratio.toFixed(2)}`,
    ),
  ];
}
