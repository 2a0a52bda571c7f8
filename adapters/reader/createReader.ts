/**
 * Documents from outside → what they say, read in processes of their own: whatever a document does, it ends at the
 * deadline or the heap limit, and only its own reading fails. Not in threads: a thread that runs out of memory within
 * one call of the engine takes the whole process with it.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { PamError } from '../../core/errors';
import type { FeedDefinition } from '../../core/events/feed';
import type { FeedReading } from '../../core/events/feedChanges';
import { type ReadingLimits, readingLimits } from '../../core/events/readingLimits';
import { messageOf } from '../../core/thrown';
import type { CalendarOptions, CalendarReading } from '../calendar/readCalendar';
import { placeDescriptor, type ReaderAnswer, type ReaderJob } from './readerJob';

export interface Reader {
  /** Throws PamError INVALID_DATA for a document that is not of its type, or beyond a limit. */
  readFeed(definition: FeedDefinition, text: string, nowMs: number): Promise<FeedReading>;
  readCalendar(text: string, options: CalendarOptions): Promise<CalendarReading>;
  /** Ends its processes. What is being read fails as UNAVAILABLE. */
  close(): Promise<void>;
}

export interface ReaderOptions {
  readonly limits?: ReadingLimits;
  /** Documents read at the same time. */
  readonly processes?: number;
  /** Longest time for one document, ms. */
  readonly deadlineMs?: number;
  readonly heapMb?: number;
}

/** Starts no process before the first document. */
export function createReader(options: ReaderOptions = {}): Reader {
  return new ProcessReader({
    limits: options.limits ?? readingLimits,
    processes: options.processes ?? 2,
    deadlineMs: options.deadlineMs ?? 15_000,
    heapMb: options.heapMb ?? 256,
  });
}

/** A process is replaced after this many documents, so that nothing piles up in it. */
const documentsOfAProcess = 100;
/** A process without work ends after this time. */
const idleMs = 30_000;
/** Below that of every other part of PAM. */
const priority = 10;

interface Idle {
  readonly child: ChildProcess;
  readonly documents: number;
  readonly timer: NodeJS.Timeout;
}

class ProcessReader implements Reader {
  private readonly waiting: (() => void)[] = [];
  private readonly idle: Idle[] = [];
  private readonly running = new Set<ChildProcess>();
  private free: number;
  private closed = false;

  constructor(private readonly options: Required<ReaderOptions>) {
    this.free = Math.max(1, Math.floor(options.processes));
  }

  async readFeed(definition: FeedDefinition, text: string, nowMs: number): Promise<FeedReading> {
    const { limits } = this.options;
    const place = `feed "${definition.name}"`;
    return (await this.read({ kind: 'feed', definition, text, nowMs, limits }, place)) as FeedReading;
  }

  async readCalendar(text: string, options: CalendarOptions): Promise<CalendarReading> {
    const job: ReaderJob = { kind: 'calendar', text, options };
    return (await this.read(job, `calendar ${options.source}`)) as CalendarReading;
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const start of this.waiting.splice(0)) start();
    for (const { child, timer } of this.idle.splice(0)) {
      clearTimeout(timer);
      child.kill('SIGKILL');
    }
    for (const child of this.running) child.kill('SIGTERM');
  }

  private async read(job: ReaderJob, place: string): Promise<unknown> {
    if (this.free === 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.free--;
    try {
      if (this.closed) throw new PamError('UNAVAILABLE', `${place} was not read: the reader is closed`);
      return await this.readInProcess(job, place);
    } finally {
      this.free++;
      this.waiting.shift()?.();
    }
  }

  private async readInProcess(job: ReaderJob, place: string): Promise<unknown> {
    const { deadlineMs, heapMb } = this.options;
    const used = this.idle.pop();
    clearTimeout(used?.timer);
    const child = used?.child ?? startProcess(heapMb);
    child.removeAllListeners();
    child.ref();
    child.channel?.ref();
    this.running.add(child);
    const places = placesOf(child);
    let line = '';
    places?.on('data', (lines) => {
      line = String(lines).trimEnd().split('\n').at(-1) ?? '';
    });
    let timer: NodeJS.Timeout | undefined;
    let answered = false;
    try {
      const answer = await new Promise<ReaderAnswer>((resolve, reject) => {
        const fail = (code: 'INVALID_DATA' | 'UNAVAILABLE', reason: string) =>
          reject(new PamError(code, `${place}${line === '' ? '' : `, line ${line},`} ${reason}`));
        timer = setTimeout(
          () => fail('INVALID_DATA', `was not read within ${deadlineMs / 1_000} s (limit: deadline)`),
          deadlineMs,
        );
        child.once('message', (message) => resolve(message as ReaderAnswer));
        child.once('error', (error) => fail('UNAVAILABLE', `was not read: ${messageOf(error)}`));
        child.once('exit', (code, signal) =>
          signal === 'SIGTERM' || signal === 'SIGINT'
            ? fail('UNAVAILABLE', 'was not read: the process that read it was stopped')
            : fail(
                'INVALID_DATA',
                `needs more than ${heapMb} MB to be read (limit: heap; its process ended with ${signal ?? `code ${code}`})`,
              ),
        );
        child.send(job, (error) => {
          if (error !== null) fail('UNAVAILABLE', `was not read: ${messageOf(error)}`);
        });
      });
      answered = true;
      if ('reading' in answer) return answer.reading;
      const { code, message } = answer.failure;
      throw code === null ? new Error(`${place}: ${message}`) : new PamError(code, message);
    } finally {
      clearTimeout(timer);
      child.removeAllListeners();
      places?.removeAllListeners('data').resume();
      this.running.delete(child);
      const documents = (used?.documents ?? 0) + 1;
      if (answered && documents < documentsOfAProcess && !this.closed) this.keep(child, documents);
      else child.on('error', () => undefined).kill('SIGKILL');
    }
  }

  /** It keeps no program from ending. */
  private keep(child: ChildProcess, documents: number): void {
    const forget = () => {
      const index = this.idle.indexOf(entry);
      if (index >= 0) this.idle.splice(index, 1);
      child.kill('SIGKILL');
    };
    const entry: Idle = { child, documents, timer: setTimeout(forget, idleMs) };
    entry.timer.unref();
    child.once('exit', forget).on('error', () => undefined);
    child.unref();
    child.channel?.unref();
    placesOf(child)?.unref();
    this.idle.push(entry);
  }
}

function startProcess(heapMb: number): ChildProcess {
  const { file, loader } = entryFile();
  const child = fork(file, [], {
    execArgv: [`--max-old-space-size=${heapMb}`, ...loader],
    // Nothing of the worker's environment, which has passwords in it; times without a zone are read in its zone.
    env: process.env.TZ === undefined ? {} : { TZ: process.env.TZ },
    cwd: '/',
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc', 'pipe'],
  });
  placesOf(child)?.on('error', () => undefined);
  try {
    if (child.pid !== undefined) setPriority(child.pid, priority);
  } catch {
    // It has ended already, which is seen below.
  }
  return child;
}

/** Absent if the process could not be started. */
const placesOf = (child: ChildProcess) => child.stdio[placeDescriptor] as Socket | null | undefined;

/** The compiled entry beside this file, or its source with the loader that tests and benches use. */
function entryFile(): { file: string; loader: string[] } {
  const compiled = join(__dirname, 'readerProcess.js');
  if (existsSync(compiled)) return { file: compiled, loader: [] };
  const loader = join(__dirname, '..', '..', 'test', 'support', 'compileTypeScript.js');
  return { file: join(__dirname, 'readerProcess.ts'), loader: ['-r', loader] };
}
