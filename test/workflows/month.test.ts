/**
 * A month of one category on the time-skipping server, through every continue-as-new: what must go on goes on, and
 * neither a run's history nor what it hands over to the next one grows. Ticks of an hour, 720 of them; what bounds a
 * history is its number of events, so minutes only make more runs of it: PAM_MONTH_BIN=1m plays all 43,200, in an hour
 * or more.
 */
import { Context } from '@temporalio/activity';
import { ApplicationFailure, type WorkflowHandle } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import type { allocateCategory } from '../../workflows/allocation/allocateCategory';
import { type CategoryStatus, queries, signals, updates, type VerifyInput } from '../../workflows/contracts';
import { currentDetails, openStage, ScriptedWorld, type Stage, taskQueue, until } from './stage';

const { EventType } = temporal.api.enums.v1;

const bin = process.env.PAM_MONTH_BIN ?? '1h';
const binMs = { '1h': 3_600_000, '10m': 600_000, '1m': 60_000 }[bin] ?? Number.NaN;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const days = 30;
/** Days on which a drift is found. */
const driftDays = [10, 20];
/** The server suggests to continue at 4,096 events; what is under way then may end first. */
const mostEvents = 5_000;
const mostCarriedBytes = 64 * 1024;

const suggestedEvents = 4_096;
const workflowId = 'category:checkout';

jest.setTimeout(process.env.PAM_MONTH_BIN ? 3 * hourMs : 240_000);

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.close());

/** A model that ages by the day, a prediction that fails once a day, drifts that a training answers; counts, no calls. */
class MonthWorld extends ScriptedWorld {
  readonly runs = new Set<string>();
  firstMs = Number.NaN;
  ticks = 0;
  trainedMs = Number.NEGATIVE_INFINITY;
  private nowMs = 0;
  private readonly told = new Set<number>();

  override activities() {
    const scripted = super.activities();
    return {
      ...scripted,
      predict: async (input: Parameters<typeof scripted.predict>[0]) => {
        this.nowMs = input.atMs;
        const { nowMs } = this;
        if (Number.isNaN(this.firstMs)) this.firstMs = nowMs;
        this.runs.add(Context.current().info.workflowExecution!.runId);
        this.calls.length = 0;
        this.ticks++;
        const hour = Math.floor(nowMs / hourMs);
        if (hour % 24 === 5 && nowMs % hourMs < binMs)
          throw ApplicationFailure.nonRetryable('the model of another version', 'INVALID_DATA');
        this.demand = 100 + 50 * Math.sin((2 * Math.PI * hour) / 24);
        this.trainingDue = nowMs - this.trainedMs >= dayMs ? 'a day is new' : null;
        return scripted.predict(input);
      },
      verify: async (input: VerifyInput) => {
        const day = Math.floor((this.nowMs - this.firstMs) / dayMs);
        if (driftDays.includes(day) && !this.told.has(day)) {
          this.told.add(day);
          this.drift(this.nowMs);
        }
        const [drift] = this.accuracy?.drifts ?? [];
        if (drift !== undefined && (input.trainedMs ?? 0) > drift.detectedMs) this.calm();
        return scripted.verify(input);
      },
      planTraining: async (input: Parameters<typeof scripted.planTraining>[0]) => {
        // What is promoted now has seen all up to now.
        this.trainedMs = this.nowMs;
        return scripted.planTraining(input);
      },
    };
  }

  calm(): void {
    this.accuracy = { modelId: 'm', relativeError: 0.8, targets: [], drifts: [] };
  }

  private drift(detectedMs: number): void {
    const what = 'demand is 2.03 times what it was before, for its time of day';
    const drift = { kind: 'level' as const, sinceMs: detectedMs - hourMs, detectedMs, what };
    this.accuracy = { modelId: 'm', relativeError: 1.3, targets: [], drifts: [drift] };
  }
}

/** In steps: a call that lasts for minutes is cut off for its pings, and time then runs on without the workflow. */
async function sleepFor(ms: number): Promise<void> {
  for (let leftMs = ms; leftMs > 0; leftMs -= 60 * binMs) await stage.env.sleep(Math.min(leftMs, 60 * binMs));
}

interface Run {
  readonly events: number;
  readonly carriedBytes: number;
  readonly last: number;
  /** Inputs of the trainings that it started, and how many of their results it heard. */
  readonly trainings: string[];
  readonly heard: number;
}

async function runOf(workflowId: string, runId: string): Promise<Run> {
  const { events } = await stage.client.workflow.getHandle(workflowId, runId).fetchHistory();
  const payloads = events![0]!.workflowExecutionStartedEventAttributes!.input!.payloads!;
  return {
    events: events!.length,
    carriedBytes: payloads.reduce((sum, { data }) => sum + data!.length, 0),
    last: events!.at(-1)!.eventType!,
    trainings: events!.flatMap(({ startChildWorkflowExecutionInitiatedEventAttributes: child }) =>
      child ? [Buffer.from(child.input!.payloads![0]!.data!).toString()] : [],
    ),
    heard: events!.filter(({ childWorkflowExecutionCompletedEventAttributes: heard }) => heard).length,
  };
}

test('a month goes on through every continue-as-new and its histories stay bounded', async () => {
  const world = new MonthWorld();
  world.calm();
  const statuses: CategoryStatus[] = [];
  await stage.perform(world, async () => {
    const handle: WorkflowHandle<typeof allocateCategory> = await stage.client.workflow.start(
      'allocateCategory',
      {
        workflowId,
        taskQueue,
        // A worker that a busy machine holds up for longer loses its task, and time goes on meanwhile.
        workflowTaskTimeout: '10m',
        args: [{ name: 'checkout', match: { pathPrefix: '/' }, bin, lead: '1h', horizons: ['1h', '3h'] }],
      },
    );
    const current = stage.client.workflow.getHandle<typeof allocateCategory>(workflowId);
    await until(() => world.ticks > 0, 'the first tick');
    const startMs = world.firstMs;
    await handle.executeUpdate(updates.setNodes, { args: [{ nodes: 7, for: '480h', reason: 'a fair' }] });
    // More than are kept; those of the last day of the month must outlive every run.
    for (let index = 0; index < 130; index++)
      await current.signal(signals.calendarEvent, {
        id: `sale-${index}`,
        name: `sale ${index}`,
        start: new Date(startMs + ((index % 30) + 0.5) * dayMs).toISOString(),
        duration: '2h',
      });
    for (let day = 5; day <= days; day += 5) {
      await sleepFor(5 * dayMs);
      statuses.push(await current.query(queries.status));
    }
    await current.signal(signals.stop, { reason: 'the month is over' });
    await current.result();
  });

  const runs = await Promise.all([...world.runs].map((runId) => runOf(workflowId, runId)));
  if (process.env.PAM_MONTH_BIN)
    console.log(
      `${world.ticks} ticks, ${runs.length} runs, at most ${Math.max(...runs.map(({ events }) => events))} events and ${Math.max(...runs.map(({ carriedBytes }) => carriedBytes))} bytes carried`,
    );
  expect(runs.length).toBeGreaterThanOrEqual(5);
  expect(runs.slice(1).map((_, index) => runs[index]!.last)).toEqual(
    runs.slice(1).map(() => EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW),
  );
  expect(runs.at(-1)!.last).toBe(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED);
  expect(Math.max(...runs.map(({ events }) => events))).toBeLessThan(mostEvents);
  // 100 events, 50 decisions, 20 refusals, however long it has run.
  expect(Math.max(...runs.map(({ carriedBytes }) => carriedBytes))).toBeLessThan(mostCarriedBytes);

  // No bin was lost at a continue-as-new, and the count of them went along.
  const bins = (days * dayMs) / binMs;
  expect(world.ticks).toBeGreaterThanOrEqual(bins);
  statuses.forEach(({ ticks }, index) => {
    expect(ticks.skipped).toBe(0);
    expect(ticks.done).toBeGreaterThanOrEqual((bins * (index + 1)) / statuses.length);
  });
  // What was asked for on the first day: 20 days of an override, events of later days, past refusals.
  expect(statuses.map(({ override }) => override?.nodes ?? null)).toEqual([7, 7, 7, 7, null, null]);
  expect(statuses[2]!.pendingEvents.map(({ id }) => id)).toContain('sale-20');
  expect(statuses.map(({ rejected }) => rejected.length)).toEqual([5, 10, 15, 20, 20, 20]);
  // One training a day and one more for each drift, every result heard.
  const reasons = runs.flatMap(({ trainings }) => trainings);
  expect(reasons.filter((reason) => reason.includes('a day is new')).length).toBeGreaterThanOrEqual(days - 5);
  expect(reasons.filter((reason) => reason.includes('level drifted'))).toHaveLength(driftDays.length);
  expect(reasons.length).toBeLessThanOrEqual(days + driftDays.length + 1);
  expect(runs.reduce((sum, { heard }) => sum + heard, 0)).toBe(reasons.length);
  for (const { accuracy } of statuses) expect(accuracy?.relativeError).toBe(0.8);
});

test('a run that is full waits for the training that it started, and the next one knows the result', async () => {
  const world = new ScriptedWorld();
  let release: (() => void) | null = null;
  world.training.pause = () => new Promise((resolve) => (release = resolve));
  await stage.perform(world, async () => {
    const { firstExecutionRunId } = await stage.client.workflow.start<typeof allocateCategory>(
      'allocateCategory',
      { workflowId, taskQueue, args: [{ name: 'checkout', match: { pathPrefix: '/' } }] },
    );
    const current = stage.client.workflow.getHandle<typeof allocateCategory>(workflowId);
    await until(() => world.names().includes('verify'), 'the first tick');
    // There is nothing to resume: such a signal is an event of the history and wakes nobody.
    while ((await current.describe()).historyLength < suggestedEvents)
      await Promise.all(Array.from({ length: 100 }, () => current.signal(signals.resume)));
    world.training.families = ['boosted'];
    world.trainingDue = 'a day is new';
    const nowMs = await stage.env.currentTimeMs();
    const verified = world.inputsOf('verify').length;
    await current.signal(signals.calendarEvent, {
      name: 'sale',
      start: new Date(nowMs + 60_000).toISOString(),
      duration: '1m',
    });
    await until(() => release !== null && world.inputsOf('verify').length > verified, 'a tick that trains');
    expect((await current.query(queries.status)).training).toMatchObject({ running: true, lastResult: null });
    expect((await current.describe()).runId).toBe(firstExecutionRunId);
    release!();
    await until(() => world.names().includes('promoteModel'), 'the end of the training');
    while ((await current.describe()).runId === firstExecutionRunId) await stage.env.sleep('5s');
    // Before the new run has looked: what the UI shows of the first run is not taken along.
    const details = await currentDetails(stage.client, workflowId);
    const { events } = await current.fetchHistory();
    expect(events!.some((event) => event.activityTaskScheduledEventAttributes)).toBe(false);
    expect(details).toMatch(/^\*\*checkout\*\* \(`path \/\*`\): active, risk 1 %, 1 to 20 nodes, lead 5 min/);
    expect(details).toMatch(
      /\n2 nodes planned since .*, 2 of 2 that exist take traffic: scripted: 2 nodes\./,
    );
    await stage.env.sleep('2m');
    expect((await current.query(queries.status)).training).toMatchObject({
      running: false,
      lastResult: expect.stringContaining('boosted has the lowest expected waste'),
    });
    await current.signal(signals.stop, { reason: 'end of the test' });
    await current.result();
  });
});
