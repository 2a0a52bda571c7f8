/** The numbers of a run → the summary that a person reads at its end. */
import { shortPercent } from '../../../core/text/figures';
import { durationInWords } from '../../../core/time/durationWords';
import { type Ahead, rampAfterMinutes, rampBeforeMinutes } from '../../../simulation/workload/eventRamps';
import { table } from '../../text/table';
import { addBins } from '../load/loadTypes';
import type { CategoryResult, DemoResult } from './result';

export interface WhereNext {
  /** The installation keeps running, so commands against it work. */
  readonly running: boolean;
  readonly jsonFile: string | null;
}

export function summaryLines(result: DemoResult, next: WhereNext): string[] {
  const { categories } = result;
  const all = addBins(categories.map(({ load }) => load));
  return [
    `Summary${result.generated ? ` (generated workload, seed ${result.seed})` : ''}: ${categories[0]?.decisions.bins ?? 0} bins evaluated, each ${durationInWords(result.binMs)} for ${durationInWords(result.traceBinMs)} of trace`,
    '',
    ...table([
      ['requests', 'sent', 'failed', 'late', 'not sent', 'own nodes', 'p50', 'p95', 'p99'],
      ...categories.map(({ category, load, latency }) => [
        category,
        String(load.sent),
        String(load.failed),
        `${load.late} (${shortPercent(share(load.late, load.sent))})`,
        String(load.refused),
        shortPercent(share(load.ownPool, load.ok)),
        ...[latency?.p50Ms, latency?.p95Ms, latency?.p99Ms].map((ms) =>
          ms === undefined ? '-' : `${ms} ms`,
        ),
      ]),
      [
        'all',
        String(all.sent),
        String(all.failed),
        `${all.late} (${shortPercent(share(all.late, all.sent))})`,
        String(all.refused),
        shortPercent(share(all.ownPool, all.ok)),
        '',
        '',
        '',
      ],
    ]),
    '',
    ...table([
      [
        'nodes',
        'node-min used',
        'foresight',
        'ratio',
        'ready in time',
        'bins short',
        'overflow',
        'most routable',
        'changes',
      ],
      ...categories.map((category) => nodeRow(category, result.traceBinMs / 60_000)),
      nodeTotal(categories, result.traceBinMs / 60_000),
    ]),
    'node-min: minutes of trace from a node’s order to its end. foresight: the same of a plan that knows the future, with the same lead time and capacity per node.',
    'ready in time: of the nodes that rising demand newly needed, those that took traffic before the bin began that needed them.',
    'overflow: requests above what the nodes that took traffic serve at the accepted utilization.',
    '',
    ...table([
      ['forecast', 'error', 'last value', 'peak within bound', 'asked for', 'from'],
      ...categories.map(({ category, forecast }) => [
        category,
        forecast.error === null ? '-' : shortPercent(forecast.error),
        forecast.lastValueError === null ? '-' : shortPercent(forecast.lastValueError),
        forecast.coverage === null ? '-' : `${shortPercent(forecast.coverage)} of ${forecast.windows}`,
        shortPercent(1 - forecast.risk),
        Object.entries(forecast.families)
          .map(([family, made]) => `${family} ${made}`)
          .join(', '),
      ]),
    ]),
    `error: mean absolute error of the median ${categories[0]?.forecast.aheadBins ?? 0} bins ahead ÷ mean demand.`,
    ...occasionLines(categories, result.traceBinMs / 60_000),
    ...troubleLines(result),
    '',
    ...nextLines(result, next),
    '',
    ...(result.shortcomings.length === 0
      ? ['The run did its job.']
      : ['The run did not do its job:', ...result.shortcomings.map((reason) => `  - ${reason}`)]),
  ];
}

function nodeRow(result: CategoryResult, minutes: number): string[] {
  const { category, load, nodeBins, foresightNodeBins, readiness, overflow, peakRoutable, decisions } =
    result;
  return [
    category,
    (nodeBins * minutes).toFixed(0),
    (foresightNodeBins * minutes).toFixed(0),
    ratio(nodeBins, foresightNodeBins),
    `${readiness.ready} of ${readiness.needed}`,
    `${readiness.shortBins} of ${readiness.bins}`,
    shortPercent(share(overflow, load.sent)),
    String(peakRoutable),
    String(decisions.changes),
  ];
}

function nodeTotal(categories: readonly CategoryResult[], minutes: number): string[] {
  const sum = (of: (category: CategoryResult) => number) =>
    categories.reduce((total, category) => total + of(category), 0);
  const used = sum(({ nodeBins }) => nodeBins);
  const foresight = sum(({ foresightNodeBins }) => foresightNodeBins);
  return [
    'all',
    (used * minutes).toFixed(0),
    (foresight * minutes).toFixed(0),
    ratio(used, foresight),
    `${sum(({ readiness }) => readiness.ready)} of ${sum(({ readiness }) => readiness.needed)}`,
    `${sum(({ readiness }) => readiness.shortBins)} of ${sum(({ readiness }) => readiness.bins)}`,
    shortPercent(
      share(
        sum(({ overflow }) => overflow),
        sum(({ load }) => load.sent),
      ),
    ),
    '',
    String(sum(({ decisions }) => decisions.changes)),
  ];
}

/** The time around the start of each occasion; empty without occasions. */
function occasionLines(categories: readonly CategoryResult[], minutes: number): string[] {
  if (categories.every(({ occasions }) => occasions.length === 0)) return [];
  const early = (ahead: Ahead | null, of: keyof Ahead) =>
    ahead === null ? '-' : `${signed(ahead[of] * minutes)} min`;
  return [
    '',
    ...table(
      [
        ['occasion', '', 'nodes', 'in time', 'ordered', 'routable', 'worst', 'late', 'overflow'],
        ...categories.flatMap(({ category, occasions }) =>
          occasions.map((occasion) => [
            category,
            `${occasion.start.slice(0, 16).replace('T', ' ')} ${occasion.title}`,
            `${occasion.from}→${occasion.to}`,
            `${occasion.ready} of ${occasion.needed}`,
            early(occasion.orderedAhead, 'median'),
            early(occasion.routableAhead, 'median'),
            early(occasion.routableAhead, 'worst'),
            `${occasion.load.late} (${shortPercent(share(occasion.load.late, occasion.load.sent))})`,
            shortPercent(share(occasion.overflow, occasion.load.sent)),
          ]),
        ),
      ],
      2,
    ),
    `occasion: from ${rampBeforeMinutes} minutes before its start to ${rampAfterMinutes} after. ordered, routable: how long before the bin that first needed it a new node was ordered or took traffic (median, worst).`,
  ];
}

const signed = (minutes: number): string => `${minutes > 0 ? '+' : ''}${minutes.toFixed(1)}`;

function troubleLines({ failures, worstSendLagMs, categories }: DemoResult): string[] {
  const lines: string[] = [];
  const kinds = Object.entries(failures);
  if (kinds.length > 0)
    lines.push(`Failures: ${kinds.map(([what, times]) => `${what} ${times}×`).join(', ')}`);
  if (worstSendLagMs > 100)
    lines.push(
      `A request was sent ${worstSendLagMs} ms after it was due, because this machine is busy. The latencies above include that time.`,
    );
  for (const { category, troubles } of categories)
    for (const trouble of troubles) lines.push(`${category}: ${trouble}`);
  return lines.length === 0 ? [] : ['', ...lines];
}

function nextLines({ uiUrl, categories }: DemoResult, { running, jsonFile }: WhereNext): string[] {
  const first = categories[0]?.category ?? 'NAME';
  const lines = ['Where to look next:'];
  if (!running)
    lines.push('  make up                  starts the same installation again; its history is kept');
  if (uiUrl !== null)
    lines.push(
      `  ${running ? uiUrl : 'bin/pam status'}${running ? '' : '           shows the address of the Temporal UI'}`,
    );
  lines.push(
    '  eval "$(bin/pam env)"    puts the address and the Temporal CLI into your shell, then',
    `  temporal workflow show --workflow-id category:${first}`,
    '  docs/demo.md             what each number means; docs/category.md: your own categories',
  );
  if (jsonFile !== null) lines.push(`  ${jsonFile}  these numbers as JSON`);
  return lines;
}

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
const ratio = (part: number, whole: number): string => (whole === 0 ? '-' : (part / whole).toFixed(2));
