/** Planned changes → the diff that people read. */

import type { Outcome } from './applyChanges';
import { type Change, written } from './planChanges';

const marks = { start: '+', update: '~', stop: '-', unchanged: '=', 'left alone': '?' } as const;

/** `outcomes`: the outcome of each change that was made; empty before. */
export function planText(changes: readonly Change[], outcomes: readonly Outcome[]): string[] {
  const widest = Math.max(0, ...changes.map(({ category }) => category.length));
  return [
    ...changes.flatMap((change) => {
      const outcome = outcomes.find(({ category }) => category === change.category);
      const done =
        outcome === undefined
          ? ''
          : outcome.error === null
            ? `: ${outcome.result}`
            : `: FAILED: ${outcome.error}`;
      return [
        `${marks[change.action]} ${change.category.padEnd(widest)}  ${wordsOf(change)}${done}`,
        ...fieldsOf(change),
      ];
    }),
    `${summaryOf(changes)}${failuresOf(outcomes)}`,
  ];
}

function wordsOf(change: Change): string {
  switch (change.action) {
    case 'start': {
      const { match, mode, risk, nodes } = change.declaration.settings;
      return `start (${mode}, match ${JSON.stringify(match)}, risk ${risk}, ${nodes.min} to ${nodes.max} nodes)`;
    }
    case 'left alone':
      return 'runs and is not in the file: left alone (--prune stops it)';
    default:
      return change.action;
  }
}

function fieldsOf(change: Change): string[] {
  if (change.action !== 'update') return [];
  const widest = Math.max(...change.fields.map(({ field }) => field.length));
  return change.fields.map(
    ({ field, from, to }) => `    ${field.padEnd(widest)}  ${written(from)} → ${written(to)}`,
  );
}

function summaryOf(changes: readonly Change[]): string {
  const count = (action: Change['action']) => changes.filter((change) => change.action === action).length;
  return `${count('start')} to start, ${count('update')} to update, ${count('stop')} to stop, ${count('unchanged')} unchanged`;
}

function failuresOf(outcomes: readonly Outcome[]): string {
  const failed = outcomes.filter(({ error }) => error !== null).length;
  return failed === 0 ? '' : `; ${failed} FAILED`;
}

/** Whether the change needs an action. */
export const isWork = ({ action }: Change): boolean =>
  action === 'start' || action === 'update' || action === 'stop';
