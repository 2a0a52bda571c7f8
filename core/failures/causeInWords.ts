/**
 * Whatever was thrown, with all that it wraps → one sentence with what is at the bottom of it. Libraries wrap: Temporal says
 * "Activity task failed", Node "fetch failed", Pulumi prints pages; the reason is inside. By shape, not by class, see
 * core/thrown.ts.
 */
import { codeOf, messageOf } from '../thrown';
import { commandErrors } from './commandErrors';

/** A chain that is longer refers to itself. */
const deepest = 12;
const longest = 800;

/** Messages that say that something failed, which the reader knows, not what. */
const empty = [
  /^activity task (failed|timed out)$/i,
  /^child workflow execution failed$/i,
  /^workflow execution (failed|terminated|timed out)$/i,
  /^workflow update failed$/i,
  /^(failed to|unable to) (query|signal|start|get|describe|list|terminate|cancel|update) workflow/i,
  /^not enough time to schedule next retry/i,
  /^fetch failed$/i,
  /^unexpected error while making grpc request$/i,
  /^(error|unknown error|aggregateerror)?$/i,
];

/** The outermost message that says something, then every inner one that adds to it. */
export function causeInWords(error: unknown): string {
  const said: string[] = [];
  for (const text of messagesOf(error, 0)) {
    const known = said.some((one) => one.includes(text));
    if (known) continue;
    // An outer message that is part of an inner one goes.
    const rest = said.filter((one) => !text.includes(one));
    said.splice(0, said.length, ...rest, text);
  }
  const text = said.join(': ');
  if (text === '') return messageOf(error).trim() || 'no reason was given';
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}

/** Outermost first. */
function messagesOf(error: unknown, depth: number): string[] {
  if (error === undefined || error === null || depth > deepest) return [];
  const own = ownWords(error);
  const inner = [fieldOf(error, 'cause'), ...several(error)].flatMap((one) => messagesOf(one, depth + 1));
  return own === '' || empty.some((pattern) => pattern.test(own)) ? inner : [own, ...inner];
}

function several(error: unknown): unknown[] {
  const errors = fieldOf(error, 'errors');
  return Array.isArray(errors) ? errors.slice(0, 5) : [];
}

function ownWords(error: unknown): string {
  const timeout = timeoutWords(error);
  if (timeout !== null) return timeout;
  const message = messageOf(error).trim();
  const command = commandErrors(error, message);
  if (command !== null) return command;
  if (/unexpected end of JSON input/i.test(message) && message.length < 40)
    return 'a JSON text ends in its middle: what it was read from is empty or cut off';
  const [first = ''] = message.split('\n');
  return `${first}${databaseWords(error)}`;
}

/** What PostgreSQL adds to its message: its code, and what it says is to be done. */
function databaseWords(error: unknown): string {
  const state = codeOf(error);
  if (!/^[0-9A-Z]{5}$/.test(state) || typeof fieldOf(error, 'severity') !== 'string') return '';
  const more = ['detail', 'hint'].flatMap((name) => {
    const text = fieldOf(error, name);
    return typeof text === 'string' && text !== '' ? [text] : [];
  });
  return ` (SQLSTATE ${state}${more.length === 0 ? '' : `; ${more.join('; ')}`})`;
}

const timeouts: Readonly<Record<string, string>> = {
  START_TO_CLOSE: 'an attempt took longer than it may',
  SCHEDULE_TO_CLOSE: 'it was tried again until its time was over',
  SCHEDULE_TO_START: 'no worker took it: does one run?',
  HEARTBEAT: 'the worker that did it fell silent: it was killed, hangs, or is overloaded',
};

/** Of a time-out of Temporal's; one that wraps the last failure says nothing that this does not. */
function timeoutWords(error: unknown): string | null {
  const type = fieldOf(error, 'timeoutType');
  const words = typeof type === 'string' ? timeouts[type] : undefined;
  if (words === undefined) return null;
  return type === 'SCHEDULE_TO_CLOSE' && fieldOf(error, 'cause') !== undefined ? '' : words;
}

function fieldOf(error: unknown, name: string): unknown {
  return typeof error === 'object' && error !== null ? (error as Record<string, unknown>)[name] : undefined;
}
