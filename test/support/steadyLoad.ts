/** Headers and a rate in, the same number of requests every second out, with whatever did not succeed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';

export interface SteadyLoadOptions {
  /** URL that every request goes to. */
  readonly url: string;
  /** Sent in turn, one request each. */
  readonly headers: readonly Readonly<Record<string, string>>[];
  /** Of all of them together. */
  readonly requestsPerSecond: number;
}

export interface SteadyLoad {
  /** Requests with these headers (index) that were sent from `fromMs` until before `toMs`. */
  sent(headers: number, fromMs: number, toMs: number): number;
  /** What went wrong, in words: status or error, and when. */
  readonly failures: readonly string[];
  /** Sends no more; resolves when every request has its answer. Twice is once. */
  stop(): Promise<void>;
}

/** Slower than this counts as failed, ms. */
const answerWithinMs = 15_000;

export function startSteadyLoad({ url, headers, requestsPerSecond }: SteadyLoadOptions): SteadyLoad {
  const agent = new Agent({ connections: 50 });
  const stopping = new AbortController();
  const failures: string[] = [];
  const open = new Set<Promise<void>>();
  const sentMs: number[] = [];

  const send = async (): Promise<void> => {
    const header = headers[sentMs.length % headers.length] ?? {};
    sentMs.push(Date.now());
    const failed = (why: string): void =>
      void failures.push(`${new Date().toISOString()} ${JSON.stringify(header)}: ${why}`);
    try {
      const answer = await request(url, {
        dispatcher: agent,
        headers: header,
        signal: AbortSignal.timeout(answerWithinMs),
      });
      const text = await answer.body.text();
      if (answer.statusCode !== 200) failed(`status ${answer.statusCode}: ${text.slice(0, 200)}`);
    } catch (error) {
      failed(String(error));
    }
  };

  const running = (async () => {
    const beganMs = performance.now();
    while (!stopping.signal.aborted) {
      // A stalled process sends what it owes a little later: the rate over some seconds stays the same.
      for (const due = ((performance.now() - beganMs) / 1_000) * requestsPerSecond; sentMs.length < due; ) {
        const one = send().finally(() => open.delete(one));
        open.add(one);
      }
      await sleep(1_000 / requestsPerSecond, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();

  let ended: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    stopping.abort();
    await running;
    await Promise.all(open);
    await agent.close();
  };

  return {
    sent: (which, fromMs, toMs) =>
      sentMs.filter((atMs, place) => place % headers.length === which && atMs >= fromMs && atMs < toMs)
        .length,
    failures,
    stop: () => {
      ended ??= end();
      return ended;
    },
  };
}
