/**
 * The standing of a category → what is wrong with it, the most dangerous first: what takes its nodes away or leaves it without a
 * decision, then what makes decisions worse.
 */
import { effectOf } from '../../core/failures/effects';
import type { CategoryStatus } from '../../workflows/contracts';
import { ago, lasting } from '../text/time';
import type { Standing } from './standings';

export interface Trouble {
  /** In a word or two, for a column. */
  readonly kind: string;
  /** In a sentence. */
  readonly text: string;
}

/** A refused signal is told for this long, ms. */
const refusalMs = 3_600_000;
/** A step that failed this many bins ago, and was not followed by another failure, is over. */
const failureBins = 3;

/** `found`: what stores know of the category beside its own answer. */
export function troublesOf(standing: Standing, nowMs: number, found: readonly Trouble[] = []): Trouble[] {
  const { state, trouble, status } = standing;
  const all: Trouble[] = [];
  if (trouble !== null) all.push({ kind: 'no answer', text: trouble });
  if (['failed', 'terminated', 'timed out'].includes(state))
    all.push({ kind: state, text: `its workflow has ${state}: nobody looks after its nodes` });
  if (status === null) return [...all, ...found];
  return [
    ...all,
    ...late(status, nowMs),
    ...failedSteps(status, nowMs),
    ...unserved(status, nowMs),
    ...found,
    ...unhealthy(status),
    ...refusals(status, nowMs),
    ...forecasting(status, nowMs),
  ];
}

function late({ ticks, settings }: CategoryStatus, nowMs: number): Trouble[] {
  const byMs = nowMs - ticks.nextMs;
  return byMs <= settings.binMs
    ? []
    : [{ kind: 'ticks late', text: `its next look was due ${lasting(byMs)} ago: are workers overloaded?` }];
}

/** Each step once, by its latest failure. */
function failedSteps({ rejected, settings }: CategoryStatus, nowMs: number): Trouble[] {
  const recent = rejected.filter(
    ({ what, atMs }) => what.startsWith('step ') && nowMs - atMs <= failureBins * settings.binMs,
  );
  return [...new Set(recent.map(({ what }) => what))].reverse().map((what) => {
    const step = what.slice('step '.length);
    const failures = recent.filter((one) => one.what === what);
    const last = failures.at(-1);
    return {
      kind: `${step} fails`,
      text: `${step} failed ${ago(nowMs - (last?.atMs ?? nowMs))}: ${last?.why} (${effectOf(step)})`,
    };
  });
}

function unserved({ counts, mode, settings, decision }: CategoryStatus, nowMs: number): Trouble[] {
  const patienceMs = Math.max(settings.leadMs, 2 * settings.binMs);
  const settled = decision !== null && nowMs - decision.atMs < settings.binMs * 3;
  if (mode !== 'active' || counts.planned === 0 || !settled) return [];
  if (counts.routable > 0) return [];
  return [
    {
      kind: 'no node serves',
      text: `none of ${counts.provisioned} nodes takes traffic, ${counts.planned} are planned: the shared pool serves its requests; nodes take up to ${lasting(patienceMs)}`,
    },
  ];
}

function unhealthy({ health, lead }: CategoryStatus): Trouble[] {
  const nodes = health?.unhealthy ?? [];
  const never = nodes.filter(({ neverUp }) => neverUp === true).length;
  return [
    ...(nodes.length === 0
      ? []
      : [
          {
            kind: never === nodes.length ? `${never} never up` : `${nodes.length} unhealthy`,
            text: health?.finding ?? `${nodes.length} of its nodes are unhealthy`,
          },
        ]),
    ...(lead?.warning == null ? [] : [{ kind: 'nodes late', text: lead.warning }]),
  ];
}

function refusals({ rejected }: CategoryStatus, nowMs: number): Trouble[] {
  return rejected
    .filter(({ what, atMs }) => !what.startsWith('step ') && nowMs - atMs <= refusalMs)
    .slice(-3)
    .reverse()
    .map(({ what, why, atMs }) => ({
      kind: `${what} refused`,
      text: `${what} was refused ${ago(nowMs - atMs)}: ${why}`,
    }));
}

function forecasting({ forecast, accuracy, training, verified }: CategoryStatus, nowMs: number): Trouble[] {
  const list: Trouble[] = [];
  if (forecast !== null && forecast.lastDemand === null && forecast.stage !== 'default')
    list.push({ kind: 'bin missing', text: 'the last bin was not measured: nothing is given up meanwhile' });
  if (forecast?.distrust)
    list.push({
      kind: 'model distrusted',
      text: `the last value stands in for its model, since ${ago(nowMs - forecast.distrust.sinceMs)}: ${forecast.distrust.reason}`,
    });
  for (const { kind, what, sinceMs } of accuracy?.drifts ?? [])
    list.push({ kind: 'drift', text: `${kind} drifted: ${what}, since ${ago(nowMs - sinceMs)}` });
  if (/^failed|^nothing fitted/i.test(training.lastResult ?? ''))
    list.push({ kind: 'training fails', text: `training ${training.lastResult}` });
  const unscored = /forecasts not scored: .*/.exec(verified?.finding ?? '');
  if (unscored !== null) list.push({ kind: 'not scored', text: unscored[0] });
  return list;
}

/** The first in a word or two and how many more there are; `-` if nothing is wrong. */
export function troubleInShort(troubles: readonly Trouble[]): string {
  const [first] = troubles;
  if (first === undefined) return '-';
  return troubles.length === 1 ? first.kind : `${first.kind} (+${troubles.length - 1})`;
}
