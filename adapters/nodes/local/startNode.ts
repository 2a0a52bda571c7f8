/**
 * From an order, a running process and its record. The record comes first and the process carries its id and the state
 * folder in its environment: whenever the caller is killed, the next one finds what was started.
 */
import { closeSync, fstatSync, mkdirSync, openSync, readSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { howItEnded } from '../../../core/capacity/crashLoop';
import { PamError } from '../../../core/errors';
import type { Policy } from '../../../core/policy/schema';
import { hasCode } from '../../../core/thrown';
import type { Now } from '../../../ports/clock';
import { type NodeOrder, orderOf } from '../../../ports/nodeOrder';
import { NodeEndedAtOnce } from '../../../ports/nodeProvider';
import type { LocalNode, LocalNodeStore } from '../../../ports/stores/nodes/localNodeStore';
import { freePort } from './freePort';
import { builtInNodePath, nodeCommand } from './nodeCommand';
import { makeNodeFolder, readableFile } from './nodeFolders';
import { type NodeUser, type NodeUsers, nodeUsers } from './nodeUser';
import { plainLine } from './plainLine';
import { nodeLogPath, removeProcessFile, writeProcessFile } from './processFiles';
import { isRunning, type ProcessIdentity, signalProcess, startTicksOf } from './processIdentity';
import { type ProcessSettings, processSettings } from './processSettings';
import { settingsOf } from './settings';
import { spawnNode } from './spawnNode';

export interface StartNodeOptions {
  readonly stateDir: string;
  readonly store: LocalNodeStore;
  /** Identity of this machine. */
  readonly machine: string;
  /** Uniform in [0, 1); for the choice of a port. */
  readonly random: () => number;
  /** Compiled built-in node, where it is not at its usual place. */
  readonly builtInNode?: string;
  /** Who runs nodes; absent: what `auto` comes to. */
  readonly users?: NodeUsers;
  /** Under which nodes get their working directories. */
  readonly folderBase?: string;
  /** Of this worker: what nodes may run and know. Absent: whoever calls answers for it. */
  readonly policy?: Policy;
  readonly now?: Now;
  /** Called when a node ends that was started well, as long as this process lives. */
  readonly onExit?: (category: string, id: string, exit: Exit, said: string) => void;
}

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

const host = '127.0.0.1';
/** A command that can't run says so at once; one that runs is not waited for, be it ready or not. */
const watchMs = 300;
const attempts = 4;

function accepts(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ host, port, timeout: 100 });
    const finish = (result: boolean): void => {
      socket.destroy();
      done(result);
    };
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
    socket.once('timeout', () => finish(false));
  });
}

const mostReadBytes = 4_000;

/** The end of a log, however long it is. */
function endOf(log: string): string {
  try {
    const file = openSync(log, 'r');
    try {
      const { size } = fstatSync(file);
      const buffer = Buffer.alloc(Math.min(size, mostReadBytes));
      const read = readSync(file, buffer, 0, buffer.length, size - buffer.length);
      return buffer.toString('utf8', 0, read);
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
}

/** A program that prints its environment must not bring its secrets into a message. */
function withoutSecrets(said: string, secrets: readonly string[]): string {
  return secrets.reduce((text, secret) => text.replaceAll(secret, '***'), said);
}

/** The last words of a node, for a message. */
export const lastWords = (log: string, secrets: readonly string[]): string =>
  plainLine(gist(withoutSecrets(endOf(log), secrets)));

/** What a program said before it ended, without its stack trace: the line with the error, or else the last ones. */
function gist(said: string): string {
  const lines = said.split('\n').map((line) => line.trim());
  const telling = lines.filter((line) => line !== '' && !/^(at |Node\.js v|\^+$)/.test(line));
  const error = telling.filter((line) => /error|exception|fatal/i.test(line)).slice(-1);
  return (error.length > 0 ? error : telling.slice(-3)).join(' | ');
}

/** The built-in node as its user can run it; none if there is a command. */
function builtIn(
  what: ProcessSettings,
  user: NodeUser,
  { builtInNode, stateDir, folderBase }: Pick<StartNodeOptions, 'builtInNode' | 'stateDir' | 'folderBase'>,
): string[] {
  if (what.command !== null) return [];
  const files = [process.execPath, builtInNode ?? builtInNodePath()];
  if (user.kind !== 'user') return files;
  return files.map((file) => readableFile(stateDir, file, user, folderBase));
}

/** Starts the process once; resolves with its end when it ends within `watchMs`, with null when it goes on. */
async function launch(
  order: NodeOrder,
  port: number,
  what: ProcessSettings,
  { store, machine, onExit, ...options }: StartNodeOptions,
): Promise<{ node: LocalNode; ended: string | null; exit: Exit }> {
  const stateDir = resolve(options.stateDir);
  const { category, id } = order;
  const log = nodeLogPath(stateDir, category, id);
  mkdirSync(dirname(log), { recursive: true, mode: 0o700 });
  const ordered: LocalNode = {
    ...{ ...order, machine, stateDir, host, port, log },
    ...{ pid: null, startTicks: null, drainUntilMs: null, asked: false, ended: false },
  };
  const user = (options.users ?? nodeUsers()).of(category);
  const owner = user.kind === 'user' ? user : null;
  const folder = makeNodeFolder(stateDir, category, id, owner, options.folderBase);
  const command = nodeCommand(order, { stateDir, folder, host, port }, what, builtIn(what, user, options));
  await store.add(ordered);
  const output = openSync(log, 'a', 0o600);
  const hidden = [stateDir, ...(process.env.PAM_CONFIG ? [resolve(process.env.PAM_CONFIG)] : [])];
  const child = spawnNode(command, { user, folder, hidden, output });
  closeSync(output);
  let ended: string | null = null;
  let exit: Exit = { code: null, signal: null };
  let watched = true;
  child.once('error', (error) => {
    ended = whyNotStarted(command.command, error);
    // As a shell has it.
    exit = { code: hasCode(error, 'ENOENT') ? 127 : 126, signal: null };
  });
  child.once('exit', (code, signal) => {
    exit = { code, signal };
    ended ??= howItEnded({ exitCode: code, exitSignal: signal });
    if (!watched) onExit?.(category, id, exit, lastWords(log, what.secrets));
  });
  child.unref();
  const startTicks = child.pid === undefined ? null : startTicksOf(child.pid);
  if (child.pid === undefined || startTicks === null) {
    await sleep(watchMs);
    return { node: ordered, ended: ended ?? 'it was gone at once', exit };
  }
  const identity = { pid: child.pid, startTicks };
  writeProcessFile(stateDir, category, id, identity, JSON.stringify(orderOf(order)));
  await recordStart(store, order, identity, () => removeProcessFile(stateDir, category, id));
  for (let waited = 0; waited < watchMs && ended === null; waited += 20) {
    await sleep(20);
    if (ended === null && (await accepts(port))) break;
  }
  watched = false;
  return { node: { ...ordered, ...identity }, ended, exit };
}

/** Why the operating system did not start a command, in words. */
function whyNotStarted(command: string, error: Error): string {
  if (hasCode(error, 'ENOENT'))
    return `there is no program "${command}" on this machine, or none on its PATH`;
  if (hasCode(error, 'EACCES')) return `"${command}" may not be executed by the user of the worker`;
  return error.message;
}

/** Throws, with the process ended, when the node was given up meanwhile or the store does not take it. */
async function recordStart(
  store: LocalNodeStore,
  { category, id }: NodeOrder,
  identity: ProcessIdentity,
  forget: () => void,
): Promise<void> {
  const end = (): void => {
    signalProcess(identity, 'SIGKILL');
    forget();
  };
  const wanted = await store.started(category, id, identity.pid, identity.startTicks).catch((error) => {
    end();
    throw error;
  });
  if (wanted) return;
  end();
  throw new PamError(
    'CONFLICT',
    `node ${id}: another worker gave it up while it was being started; try again`,
  );
}

/**
 * Resolves when the process runs and has not failed at once; it may still be booting.
 * @throws PamError REJECTED when the command ends at once, with the last lines of its log; UNAVAILABLE without ports.
 */
export async function startNode(order: NodeOrder, options: StartNodeOptions): Promise<LocalNode> {
  const { store, machine } = options;
  const what = await processSettings(order, options.policy);
  const taken = new Set((await store.onMachine(machine)).map((node) => node.port));
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort(host, taken, options.random);
    const { node, ended, exit } = await launch(order, port, what, options);
    if (ended === null) return node;
    const { pid, startTicks } = node;
    // Its leader has ended; what it may have started itself has no one to look after it.
    if (pid !== null && startTicks !== null && isRunning({ pid, startTicks }))
      signalProcess({ pid, startTicks }, 'SIGKILL');
    const said = withoutSecrets(endOf(node.log), what.secrets);
    if (/EADDRINUSE|address already in use/i.test(said) && attempt < attempts) {
      taken.add(port);
      continue;
    }
    removeProcessFile(node.stateDir, order.category, order.id);
    await store.remove(order.category, order.id);
    const { command, template } = settingsOf(order);
    const program =
      template === undefined ? (command ?? ['built-in node']).join(' ') : `template ${template}`;
    const words = plainLine(gist(said));
    throw new NodeEndedAtOnce(
      `local.command: node ${order.id}: "${program}" ended at once (${ended}); ` +
        `it must keep listening on $PORT. ${words === '' ? 'It wrote nothing' : `It wrote: ${words}`}`,
      { atMs: (options.now ?? Date.now)(), ...exit, said: words === '' ? ended : words },
    );
  }
}
