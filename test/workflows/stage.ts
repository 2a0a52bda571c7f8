/**
 * A stage for workflow tests: Temporal's time-skipping server, a worker with the real workflows, and activities that
 * answer from a small scripted world and note every call.
 */
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import {
  bundleWorkflowCode,
  DefaultLogger,
  makeTelemetryFilterString,
  Runtime,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { workflowMetadataQuery } from '@temporalio/workflow';
import type { AllocationActivities, TrainingActivities } from '../../activities/createActivities';
import type {
  CalculateInput,
  CalculateSummary,
  PredictInput,
  PredictSummary,
  VerifyInput,
  VerifySummary,
} from '../../workflows/contracts';
import { feedsQueueOf, trainingQueueOf } from '../../workflows/contracts';
import { ScriptedTraining } from './scriptedTraining';

const { IndexedValueType } = temporal.api.enums.v1;

export interface Call {
  readonly name: string;
  readonly input: unknown;
}

/** Nodes and demand as the scripted activities see them. */
export class ScriptedWorld {
  readonly calls: Call[] = [];
  /** Requests per bin. */
  demand = 100;
  provisioned = 0;
  perNode = 50;
  /** Found by the next look after a decision. */
  trainingDue: string | null = null;
  trainingUrgent = false;
  readonly training = new ScriptedTraining();
  scaleUp: VerifySummary['scaleUp'] = null;
  accuracy: VerifySummary['accuracy'] = null;
  lead: VerifySummary['lead'] = null;
  /** Why the policy of the worker refuses settings from now on. */
  refused: string | null = null;

  names(): string[] {
    return this.calls.map(({ name }) => name);
  }

  inputsOf<T>(name: string): T[] {
    return this.calls.filter((call) => call.name === name).map((call) => call.input as T);
  }

  activities(): AllocationActivities & TrainingActivities {
    const note = (name: string, input: unknown) => {
      this.calls.push({ name, input: structuredClone(input) });
    };
    const training = this.training.activities(note);
    return {
      registerCategory: async (settings) => {
        note('registerCategory', settings);
        if (this.refused !== null) throw ApplicationFailure.nonRetryable(this.refused, 'DENIED');
      },
      recordEvents: async (input) => {
        note('recordEvents', input);
        return [];
      },
      predict: async (input: PredictInput): Promise<PredictSummary> => {
        note('predict', input);
        return {
          forecastId: input.forecastId,
          originMs: input.atMs,
          stage: 'last-value' as const,
          family: 'last-value',
          modelId: null,
          incumbent: null,
          leadBins: 5,
          peakDemand: this.demand,
          orderDemand: this.demand,
          peak: { probabilities: [], peak: [] },
          lastDemand: this.demand,
          horizons: [],
          basis: 'scripted',
          distrust: null,
        };
      },
      calculate: async (input: CalculateInput): Promise<CalculateSummary> => {
        note('calculate', input);
        const required = Math.max(
          input.atLeast?.nodes ?? 0,
          Math.ceil((input.predicted?.peakDemand ?? this.perNode) / this.perNode),
        );
        return {
          decisionId: input.decisionId,
          atMs: input.atMs,
          trigger: input.trigger,
          required,
          planned: input.override?.nodes ?? required,
          rule: input.override ? 'override' : 'forecast',
          reason: `scripted: ${required} nodes${input.health === null ? '' : `; ${input.health}`}`,
          requestsPerNodeBin: this.perNode,
          hold: { ms: 120_000, by: 'default', reviewedMs: null, reason: 'scripted' },
        };
      },
      scale: async (input) => {
        note('scale', input);
        const before = this.provisioned;
        this.provisioned = input.nodes;
        return {
          created: Math.max(0, input.nodes - before),
          removed: Math.max(0, before - input.nodes),
          replaced: [],
          provisioned: input.nodes,
          stack: input.settings.name,
          tookMs: 1,
        };
      },
      verify: async (input: VerifyInput): Promise<VerifySummary> => {
        note('verify', input);
        const scaleUp = this.scaleUp;
        this.scaleUp = null;
        const decided = input.decisionId !== null;
        return {
          provisioned: this.provisioned,
          routable: this.provisioned,
          measuredDemand: this.demand,
          utilization: 0.5,
          lateShare: 0,
          scaleUp,
          health: null,
          finding: 'scripted',
          accuracy: decided ? this.accuracy : null,
          lead: decided ? this.lead : null,
          trainingDue:
            decided && this.trainingDue !== null
              ? { reason: this.trainingDue, urgent: this.trainingUrgent }
              : null,
        };
      },
      removeNodes: async (input) => {
        note('removeNodes', input);
        const removed = this.provisioned;
        this.provisioned = 0;
        return { removed };
      },
      ...training,
      promoteModel: async (input) => {
        await training.promoteModel(input);
        // Whatever was due is done.
        this.trainingDue = null;
      },
    };
  }
}

export const taskQueue = 'pam';

export interface Stage {
  readonly env: TestWorkflowEnvironment;
  readonly client: Client;
  /** Runs `play` beside workers that serve the scripted world on `queue` (absent: `taskQueue`), its training and its feeds' queue. */
  perform<T>(world: ScriptedWorld, play: () => Promise<T>, queue?: string): Promise<T>;
  /** Ends what a test that ran out of time has left: these workflows and every worker. */
  clear(workflowIds: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

let isQuiet = false;
/** Only errors are printed; call before the first worker of a process. */
export function quiet(): void {
  if (isQuiet) return;
  isQuiet = true;
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR' }) } },
  });
}

function toolOf(variable: string): { executable: { type: 'existing-path'; path: string } } {
  const path = process.env[variable];
  if (!path) throw new Error(`${variable}: expected the path of a server`);
  return { executable: { type: 'existing-path', path } };
}

/** On the server that skips time. */
export async function openStage(): Promise<Stage> {
  quiet();
  const server = toolOf('PAM_TEMPORAL_TEST_SERVER');
  return stageOn(await TestWorkflowEnvironment.createTimeSkipping({ server }));
}

/** On a dev server, in real time, that suggests to continue as new at so many events. */
export async function openShortStage(events: number): Promise<Stage> {
  quiet();
  const extraArgs = ['--dynamic-config-value', `limit.historyCount.suggestContinueAsNew=${events}`];
  const server = { ...toolOf('PAM_TEMPORAL'), extraArgs };
  return stageOn(await TestWorkflowEnvironment.createLocal({ server }));
}

async function stageOn(env: TestWorkflowEnvironment): Promise<Stage> {
  await env.connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: {
      PamCategory: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
      PamMode: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
      PamNodes: IndexedValueType.INDEXED_VALUE_TYPE_INT,
      PamAccuracy: IndexedValueType.INDEXED_VALUE_TYPE_DOUBLE,
      PamDrift: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    },
  });
  const workflowBundle = await bundledWorkflows();
  const workers = new Set<Worker>();
  const workerOn = async (queue: string, world: ScriptedWorld): Promise<Worker> => {
    const worker = await Worker.create({
      connection: env.nativeConnection,
      taskQueue: queue,
      workflowBundle,
      activities: world.activities(),
    });
    workers.add(worker);
    return worker;
  };
  return {
    env,
    client: env.client,
    async perform(world, play, queue = taskQueue) {
      const training = await workerOn(trainingQueueOf(queue), world);
      const feeds = await workerOn(feedsQueueOf(queue), world);
      const allocation = await workerOn(queue, world);
      try {
        return await training.runUntil(() => feeds.runUntil(() => allocation.runUntil(play)));
      } finally {
        for (const worker of [training, feeds, allocation]) workers.delete(worker);
      }
    },
    async clear(workflowIds) {
      const left = [...workers].filter((worker) => worker.getState() === 'RUNNING');
      if (left.length === 0) return;
      for (const id of workflowIds)
        await env.client.workflow
          .getHandle(id)
          .terminate('left by a test')
          .catch((error: unknown) => {
            if (!(error instanceof WorkflowNotFoundError)) throw error;
          });
      for (const worker of left) if (worker.getState() === 'RUNNING') worker.shutdown();
      while ([...workers].some((worker) => left.includes(worker)))
        await new Promise((resolve) => setTimeout(resolve, 20));
    },
    close: () => env.teardown(),
  };
}

let bundle: Promise<WorkflowBundleWithSourceMap> | null = null;
export function bundledWorkflows(): Promise<WorkflowBundleWithSourceMap> {
  bundle ??= bundleWorkflowCode({
    workflowsPath: require.resolve('../../workflows/index'),
    logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error: console.error },
  });
  return bundle;
}

/** What the Temporal UI shows at the top of a workflow. */
export async function currentDetails(client: Client, workflowId: string): Promise<string> {
  const handle = client.workflow.getHandle(workflowId);
  return (await handle.query(workflowMetadataQuery)).currentDetails ?? '';
}

/** Waits, in real time, until `holds`; workflow time stands still meanwhile unless something sleeps. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string,
  patienceMs = 20_000,
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      if (await holds()) return;
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
    if (Date.now() > deadline) throw new Error(`waited ${patienceMs / 1_000} s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
