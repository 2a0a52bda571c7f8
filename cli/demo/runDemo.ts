/**
 * Options → the numbers of a run: an installation is started or joined, a workload is played on it and evaluated, and
 * everything that this run started is stopped again. Ctrl-C ends it in the same way.
 */
import { writeFile } from 'node:fs/promises';
import { isRunning } from '../../adapters/nodes/local/processIdentity';
import { openDatabase } from '../../adapters/postgres/openDatabase';
import { connectTemporal } from '../../adapters/temporal/connect';
import { policyOf } from '../../config/policy';
import type { Config } from '../../config/schema';
import { durationInWords } from '../../core/time/durationWords';
import { timeOfDay } from '../../core/time/instantText';
import { type Installation, readInstallation } from '../../installation/installation';
import { withInstallation } from '../../installation/runningConfig';
import { startInstallation } from '../../installation/startInstallation';
import { stopInstallation } from '../../installation/stopInstallation';
import { demoWarmUpBins } from '../../simulation/workload/demoInput';
import { planPlay } from '../../simulation/workload/playPlan';
import { openScreen } from '../text/screen';
import { CalendarFeeds } from './calendarFeeds';
import { CategoryWorkflows } from './categoryWorkflows';
import { forgetDemoCategories } from './forgetDemoCategories';
import { layHistory, type PlayStage, playTraffic, startCategories } from './play';
import { collectCategory } from './result/collectResult';
import type { DemoResult } from './result/result';
import { summaryLines } from './result/summary';
import { shortcomings } from './result/verdict';
import type { DemoOptions } from './workload/options';
import { readEvents } from './workload/readEvents';
import { chooseWorkload } from './workload/workload';

export interface DemoRun {
  readonly options: DemoOptions;
  readonly config: Config;
  readonly configFile: string | null;
  /** Leaves the installation running, also if this run started it. */
  readonly keep: boolean;
  readonly plain: boolean;
  readonly jsonFile: string | null;
  readonly signal: AbortSignal;
  /** One line of progress. */
  readonly report: (line: string) => void;
  readonly now: () => number;
}

const historyDays = 21;
/** Real time from the plan to the first request: storing the history, first decisions, first nodes. */
const allowanceMs = 20_000;
const stopTimeoutMs = 60_000;

/** Resolves to the numbers; `shortcomings` in them is empty if the run did its job. */
export async function runDemo(run: DemoRun): Promise<DemoResult> {
  const { config, report, signal } = run;
  const workload = await chooseWorkload(run.options, demoWarmUpBins, readEvents);
  for (const note of workload.notes) report(note);
  const wasRunning = readInstallation(config.stateDir)?.processes.some(isRunning) ?? false;
  const installation = await startInstallation(config, report, { configFile: run.configFile, signal });
  const stops = !wasRunning && !run.keep;
  let result: DemoResult;
  try {
    result = await playOn(installation, workload, run);
  } finally {
    if (stops) await stopInstallation(config.stateDir, report);
  }
  process.stdout.write(`${summaryLines(result, { running: !stops, jsonFile: run.jsonFile }).join('\n')}\n`);
  if (run.jsonFile !== null) await writeFile(run.jsonFile, `${JSON.stringify(result, null, 2)}\n`);
  return result;
}

async function playOn(
  installation: Installation,
  workload: Awaited<ReturnType<typeof chooseWorkload>>,
  run: DemoRun,
): Promise<DemoResult> {
  const { options, config, report, signal, now } = run;
  const { binMs, risk, seed } = options;
  const temporal = await connectTemporal(withInstallation(config, installation).temporal);
  const database = await openDatabase({ url: installation.database.url, poolSize: 4 });
  const [feedFolder = config.stateDir] = policyOf(config).feeds.folders;
  const workflows = new CategoryWorkflows(temporal.client, config.temporal.taskQueue);
  const feeds = new CalendarFeeds(temporal.client, config.temporal.taskQueue, feedFolder, now);
  try {
    const names = workload.categories.map(({ name }) => name);
    await workflows.makeWay(names, report);
    await feeds.remove(names);
    await forgetDemoCategories(installation.database.url, names, report);
    // Only now is it certain that a demo made them. What they stored meanwhile is removed, too.
    if (await workflows.endTrainings(names))
      await forgetDemoCategories(installation.database.url, names, report);
    const plan = planPlay(
      workload.categories,
      { ...options, warmUpBins: demoWarmUpBins, historyDays },
      now() + allowanceMs,
    );
    const scale = (plan.categories[0]?.map.traceBinMs ?? 60_000) / binMs;
    report(
      `time: 1 s stands for ${scale} s of trace; a bin takes ${durationInWords(binMs)}, a day ${durationInWords((plan.categories[0]?.dayBins ?? 0) * binMs)}, the lead time ${durationInWords((plan.categories[0]?.leadBins ?? 0) * binMs)} (--bin changes it)`,
    );
    report(
      `traffic from ${timeOfDay(plan.warmUpFromMs)}, evaluated from ${timeOfDay(plan.fromMs)} to ${timeOfDay(plan.toMs)}`,
    );
    const stage: PlayStage = {
      workflows,
      feeds,
      demand: database.demand,
      events: database.events,
      listenUrl: installation.envoy.listenUrl,
      uiUrl: installation.temporal.uiUrl,
      screen: openScreen(process.stdout, run.plain, now),
      report,
      seed,
      signal,
      now,
    };
    await layHistory(plan, stage);
    await startCategories(plan, stage);
    const played = await playTraffic(plan, stage);
    const categories = await Promise.all(
      plan.categories.map((category) =>
        collectCategory(database, plan, category, played, played.statuses.get(category.name) ?? null, risk),
      ),
    );
    await feeds.remove();
    report('stopping the categories: nodes drain, then they and the rules are removed');
    const notStopped = await workflows.stopAll('the demo is over', stopTimeoutMs);
    return {
      startedAt: new Date(plan.fromMs).toISOString(),
      generated: options.traces.size === 0,
      seed,
      binMs,
      traceBinMs: plan.categories[0]?.map.traceBinMs ?? 60_000,
      risk,
      categories,
      worstSendLagMs: played.worstSendLagMs,
      failures: played.failures,
      uiUrl: installation.temporal.uiUrl,
      shortcomings: [...shortcomings(categories), ...notStopped],
    };
  } finally {
    // After an interruption or a failure the feeds and the categories still exist.
    await feeds.remove().catch((error: unknown) => report(`feeds were not removed: ${error}`));
    for (const trouble of await workflows.stopAll('the demo was ended early', stopTimeoutMs)) report(trouble);
    await database.close();
    await temporal.close();
  }
}
