/** Reviewed events → tables for people. */
import { percent, rounded } from '../../core/text/figures';
import { dayAndMinute } from '../../core/time/instantText';
import { table } from '../text/table';
import { lasting } from '../text/time';
import type { EventReview, EventsOfCategory } from './reviewEvents';

const heading = [
  'STATE',
  'START',
  'LASTS',
  'KIND',
  'TITLE',
  'SOURCE',
  'STATED',
  'EXPECTED',
  'REALIZED',
  'ERROR',
];

export function eventsText(categories: readonly EventsOfCategory[]): string[] {
  return categories.flatMap((one, index) => [...(index === 0 ? [] : ['']), ...categoryText(one)]);
}

function categoryText({ category, reviews, steps }: EventsOfCategory): string[] {
  if (reviews.length === 0) return [`${category}: no event is known in this time`];
  const notes = [
    ...new Set(reviews.flatMap(({ realized }) => (realized?.uplift === null ? [realized.basis] : []))),
  ];
  const kinds = Object.entries(steps).filter(([kind]) => reviews.some(({ event }) => event.kind === kind));
  return [
    `${category}:`,
    ...table([heading, ...reviews.map(cells)], heading.length),
    ...kinds.map(([kind, { factor, occurrences }]) => stepText(kind, factor, occurrences)),
    ...notes.map((note) => `realized -: ${note}`),
  ];
}

function cells({ event, state, expected, realized, error }: EventReview): string[] {
  const { startMs, endMs, kind, title, source, expectedUplift } = event;
  return [
    state,
    `${dayAndMinute(startMs)}Z`,
    lasting(endMs - startMs),
    kind,
    title,
    source,
    expectedUplift === undefined ? '-' : times(expectedUplift),
    `${times(expected.uplift)} (${originOf(expected)})`,
    realized?.uplift == null ? '-' : `${times(realized.uplift)}${state === 'on' ? ' so far' : ''}`,
    error === null ? '-' : `${error > 0 ? '+' : ''}${percent(error)}`,
  ];
}

function originOf({ occurrences, prior }: EventReview['expected']): string {
  const pulled = prior === 1 ? 'no effect' : 'stated';
  return occurrences === 0
    ? `not enough occurrences: prior, ${pulled}`
    : `${occurrences} earlier, pulled towards ${pulled}`;
}

function stepText(kind: string, factor: number, occurrences: number): string {
  return occurrences < 2
    ? `${kind}: not enough occurrences (${occurrences}) to learn how demand steps up when one begins`
    : `${kind}: demand steps up by ${times(factor)} when one begins, learned from ${occurrences} occurrences; the model learns the ramp`;
}

const times = (factor: number): string => `×${rounded(factor)}`;
