/**
 * `pam demo --show regime-change`, on real processes and compressed time. A category that is added in the middle
 * learns. The demand of another one changes; the drift is found, and a new model is trained and promoted. Ends by
 * itself and returns what did not happen as shortcomings.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning } from '../../adapters/nodes/local/processIdentity';
import { openDatabase } from '../../adapters/postgres/openDatabase';
import { connectTemporal } from '../../adapters/temporal/connect';
import type { Config } from '../../config/schema';
import { foresightPlan } from '../../core/evaluation/costs/foresight';
import { shortPercent } from '../../core/text/figures';
import { durationInWords } from '../../core/time/durationWords';
import { timeOfDay } from '../../core/time/instantText';
import { readInstallation } from '../../installation/installation';
import { withInstallation } from '../../installation/runningConfig';
import { startInstallation } from '../../installation/startInstallation';
import { stopInstallation } from '../../installation/stopInstallation';
import { demoInput, demoLeadBins, demoObjective } from '../../simulation/workload/demoInput';
import { overflowOf } from '../../simulation/workload/eventRamps';
import { nodeBinsUsed, routableAtStart } from '../../simulation/workload/playFigures';
import {
  levelFactor,
  phaseShift,
  type RegimeWorkload,
  regimeWorkload,
} from '../../simulation/workload/regimeChange';
import { type RetrainResult, retrainWorkflowId } from '../../workflows/contracts';
import { CategoryWorkflows } from './categoryWorkflows';
import { forgetDemoCategories } from './forgetDemoCategories';
import { startLoad } from './load/loadThread';
import { historyRow } from './play';
import { answersTo, type Moment, RegimeTimeline } from './regimeTimeline';

export interface RegimeShow {
  readonly config: Config;
  readonly configFile: string | null;
  readonly keep: boolean;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly report: (line: string) => void;
  readonly now: () => number;
}

const changing = 'checkout';
const added = 'refunds';
const binMs = 1_500;
const dayBins = 160;
const leadBins = demoLeadBins;
/** At most thirteen and a half minutes of traffic; it ends once everything has happened. A training takes real time. */
const bins = 540;
const addedBin = 20;
const changedBin = 200;
/** Bins after the promotion that show what the new model is worth. */
const afterBins = 60;
const perBin = 30;
const allowanceMs = 15_000;
const stopTimeoutMs = 60_000;

/** What did not happen; empty if everything did. */
export async function showRegimeChange(run: RegimeShow): Promise<string[]> {
  const { config, report, signal } = run;
  const wasRunning = readInstallation(config.stateDir)?.processes.some(isRunning) ?? false;
  const installation = await startInstallation(config, report, { configFile: run.configFile, signal });
  const stops = !wasRunning && !run.keep;
  const temporal = await connectTemporal(withInstallation(config, installation).temporal);
  const database = await openDatabase({ url: installation.database.url, poolSize: 4 });
  const workflows = new CategoryWorkflows(temporal.client, config.temporal.taskQueue);
  let ours = false;
  try {
    await workflows.makeWay([changing, added], report);
    await workflows.endTrainings([changing, added]);
    await forgetDemoCategories(installation.database.url, [changing, added], report);
    ours = true;
    const work = regimeWorkload({ seed: run.seed, dayBins, bins, addedBin, changedBin, perBin });
    const fromMs = Math.ceil((run.now() + allowanceMs) / binMs) * binMs;
    await database.demand.appendLive(
      work.history.map((requests, bin) =>
        historyRow(changing, binMs, { startMs: fromMs + (bin - work.history.length) * binMs, requests }),
      ),
    );
    report(
      `time: a bin takes ${durationInWords(binMs)}, a day ${durationInWords(dayBins * binMs)}; ${changing} has ${work.history.length} bins of history, ${added} none. The workload is generated (seed ${run.seed})`,
    );
    report(
      `Temporal UI: ${installation.temporal.uiUrl ?? 'none'}, workflows category:${changing}, ${retrainWorkflowId(changing)}`,
    );
    const story = new RegimeTimeline((moment) => report(told(moment, fromMs)));
    await workflows.start({
      name: changing,
      input: demoInput(changing, { binMs, dayBins, seed: run.seed }),
      origin: 'a generated workload',
    });
    await play(run, work, fromMs, { listenUrl: installation.envoy.listenUrl, workflows, story, temporal });
    const lines = [
      ...story.moments.toSorted((a, b) => a.atMs - b.atMs).map((moment) => told(moment, fromMs)),
      ...(await figures(database, work, story, fromMs, run.now())),
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
    return shortcomings(story, fromMs);
  } finally {
    // A later demo knows by this that it may remove what is stored.
    if (ours)
      await database.demand.append([
        historyRow(added, binMs, { startMs: Math.floor(run.now() / binMs) * binMs, requests: 0 }),
      ]);
    for (const trouble of await workflows.stopAll('the show is over', stopTimeoutMs)) report(trouble);
    await database.close();
    await temporal.close();
    if (stops) await stopInstallation(config.stateDir, report);
  }
}

interface PlayedOn {
  readonly listenUrl: string;
  readonly workflows: CategoryWorkflows;
  readonly story: RegimeTimeline;
  readonly temporal: Awaited<ReturnType<typeof connectTemporal>>;
}

/**
 * Sends the traffic, adds the second category in the middle, and watches until everything has happened or time is up.
 */
async function play(run: RegimeShow, work: RegimeWorkload, fromMs: number, on: PlayedOn): Promise<void> {
  const { signal, now } = run;
  const { story, workflows } = on;
  const load = startLoad(
    {
      targetUrl: on.listenUrl,
      fromMs,
      binMs,
      streams: [changing, added].map((category) => ({
        category,
        match: { header: { name: 'x-category', value: category } },
        counts: category === changing ? work.checkout : work.refunds,
        objectiveMs: demoObjective.latencyMs,
      })),
      seed: run.seed,
      spread: 'even',
      maxInFlight: 600,
      timeoutMs: 10_000,
    },
    () => undefined,
  );
  const atMs = (bin: number) => fromMs + bin * binMs;
  let hasAdded = false;
  let hasChanged = false;
  try {
    while (now() < atMs(bins)) {
      signal.throwIfAborted();
      if (!hasAdded && now() >= atMs(addedBin)) {
        hasAdded = true;
        story.add(now(), added, 'is added, without any history');
        await workflows.start({
          name: added,
          input: demoInput(added, { binMs, dayBins, seed: run.seed }),
          origin: 'a generated workload',
        });
      }
      if (!hasChanged && now() >= atMs(changedBin)) {
        hasChanged = true;
        story.add(
          atMs(changedBin),
          changing,
          `THE CHANGE: the level is ${levelFactor} times what it was, the day comes ${100 * phaseShift} % of it later`,
        );
      }
      for (const name of hasAdded ? [changing, added] : [changing]) {
        const status = await workflows.status(name);
        if (status !== null) story.see(status, now());
        for (const training of await trainingsOf(on.temporal, name, fromMs - 2 * allowanceMs))
          story.trained(name, training);
      }
      const { promoted } = answers(story, fromMs);
      const learned = story.stagesOf(added).includes('own-model');
      if (learned && promoted !== null && now() > promoted.endMs + afterBins * binMs) break;
      await sleep(binMs / 2, undefined, { signal });
    }
  } finally {
    load.stop();
    await load.done.catch(() => undefined);
  }
}

async function trainingsOf({ client }: PlayedOn['temporal'], category: string, fromMs: number) {
  const trainings = [];
  const query = `WorkflowId = "${retrainWorkflowId(category)}" AND ExecutionStatus = "Completed" AND StartTime >= "${new Date(fromMs).toISOString()}"`;
  for await (const { runId, startTime, closeTime } of client.workflow.list({ query })) {
    const result = (await client.workflow
      .getHandle(retrainWorkflowId(category), runId)
      .result()) as RetrainResult;
    trainings.push({ runId, startMs: startTime.getTime(), endMs: closeTime!.getTime(), result });
  }
  return trainings.sort((a, b) => a.startMs - b.startMs);
}

function answers(story: RegimeTimeline, fromMs: number) {
  const driftMs = story.driftAfter(changing, fromMs + changedBin * binMs);
  const since = fromMs + changedBin * binMs;
  return driftMs === null
    ? { driftMs, first: null, promoted: null }
    : {
        driftMs,
        ...answersTo(
          story.trainingsOf(changing).filter(({ startMs }) => startMs >= since),
          driftMs,
        ),
      };
}

function shortcomings(story: RegimeTimeline, fromMs: number): string[] {
  const { driftMs, first, promoted } = answers(story, fromMs);
  const stages = story.stagesOf(added);
  const early = story.driftAfter(changing, fromMs);
  const missing = (['default', 'last-value', 'own-model'] as const).filter(
    (stage) => !stages.includes(stage),
  );
  return [
    ...(missing.length > 0 ? [`${added}: never seen at the stage ${missing.join(', ')}`] : []),
    ...(driftMs === null ? [`${changing}: the change was not found`] : []),
    ...(early !== null && early < fromMs + changedBin * binMs
      ? [`${changing}: a drift was found before the change`]
      : []),
    ...(driftMs !== null && first === null ? [`${changing}: no training followed the drift`] : []),
    ...(first !== null && promoted === null ? [`${changing}: no model was promoted after the drift`] : []),
  ];
}

type Stores = Pick<Awaited<ReturnType<typeof openDatabase>>, 'decisions' | 'nodes'>;

/** Per stretch: node-bins beyond foresight, and requests above what took traffic. */
async function figures(
  { decisions, nodes }: Stores,
  work: RegimeWorkload,
  story: RegimeTimeline,
  fromMs: number,
  nowMs: number,
): Promise<string[]> {
  const { driftMs, promoted } = answers(story, fromMs);
  const binAt = (timeMs: number | null | undefined) =>
    timeMs == null ? null : Math.ceil((timeMs - fromMs) / binMs);
  const last = Math.min(bins, Math.floor((nowMs - fromMs) / binMs)) - leadBins;
  const served = binAt(promoted?.endMs);
  const stretches: [string, number, number][] = [
    ['before the change', changedBin - 100, changedBin],
    ['change to detection', changedBin, binAt(driftMs) ?? last],
    ['detection to promotion', binAt(driftMs) ?? last, served ?? last],
    ['after the promotion', served ?? last, last],
  ];
  const lines: string[] = [];
  for (const [name, from, to] of stretches) {
    if (to - from < 1) continue;
    const window = { fromMs: fromMs + from * binMs, binMs, counts: work.checkout.slice(from, to) };
    const endMs = fromMs + to * binMs;
    const [made, lives] = await Promise.all([
      decisions.decisions(changing, window.fromMs, endMs),
      nodes.between(changing, window.fromMs, endMs),
    ]);
    const known = made.map(({ requestsPerNodeBin }) => requestsPerNodeBin).filter((value) => value !== null);
    const requestsPerNodeBin = known.reduce((sum, value) => sum + value, 0) / Math.max(1, known.length);
    const plan = foresightPlan({ counts: window.counts, requestsPerNodeBin, leadBins });
    const foresight = plan.reduce((sum, count) => sum + count, 0);
    const over = overflowOf(window.counts, routableAtStart(lives, window), requestsPerNodeBin);
    const demand = window.counts.reduce((sum, count) => sum + count, 0);
    const beyond = Math.round(100 * (nodeBinsUsed(lives, window) / foresight - 1));
    lines.push(
      `${changing}, ${name}: ${to - from} bins, ${Math.abs(beyond)} % ${beyond < 0 ? 'less' : 'more'} node-time than foresight, ${shortPercent(over / demand)} of the requests above what took traffic`,
    );
  }
  return lines;
}

function told({ atMs, category, what }: Moment, fromMs: number): string {
  const bin = (atMs - fromMs) / binMs;
  return `${timeOfDay(atMs)}  bin ${bin.toFixed(0).padStart(4)}  ${category.padEnd(9)} ${what}`;
}
