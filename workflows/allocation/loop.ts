/** The loop of one category: waits for the next look, then runs the steps and keeps what they found in the state. */
import {
  condition,
  patched,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { settleMsOf } from '../../core/category/demand';
import type { DemandEvent } from '../../core/events/event';
import {
  type CategoryStatus,
  type NodeCounts,
  type PredictSummary,
  patches,
  searchAttributes,
  type TickTrigger,
  type VerifySummary,
} from '../contracts';
import { nextLook, skippedBins } from './schedule';
import { describeStanding, driftInWords } from './standing';
import { type AllocationState, expire, heldRequired, type Inbox, reject, remember, statusOf } from './state';
import { attempt, calculate, inBin, predict, recordEvents, registerCategory, scale, verify } from './steps';
import { lastTrainedMs, startTrainingWhenDue } from './training';

const leastAccuracyChange = 0.05;

export class AllocationLoop {
  /** When the loop looks next, ms. */
  nextMs = Date.now();
  private checked = false;
  private published = { mode: '', nodes: -1, accuracy: Number.NaN, drift: 'none' };

  constructor(
    private readonly state: AllocationState,
    private readonly inbox: Inbox,
  ) {}

  /** Waits for the next tick, check or request, and does what it calls for. */
  async look(): Promise<void> {
    const { state, inbox } = this;
    const { settings, ticks } = state;
    const next = nextLook(Date.now(), settings.binMs, ticks.lastMs, this.checked, settleMsOf(settings));
    this.nextMs = next.atMs;
    const waitMs = next.atMs - Date.now();
    if (inbox.wake === null && inbox.stopping === null && waitMs > 0)
      await condition(() => inbox.wake !== null || inbox.stopping !== null, waitMs);
    if (inbox.stopping !== null) return;

    const wake = this.takeWake();
    await this.saveRequests();
    const ended = expire(state, Date.now());
    if (wake !== null || ended !== null) await this.tick(wake ?? ended ?? 'bin');
    else if (Date.now() >= next.atMs) await (next.kind === 'tick' ? this.tick('bin') : this.check());
    this.publish();
  }

  /**
   * Tells the Temporal UI what the category is and where it stands. Costs no event of the history, and is all that the UI
   * has of it in a run that continues another: the static summary and details are those of the first run only.
   */
  describe(status: CategoryStatus = statusOf(this.state, this.inbox, this.nextMs)): void {
    setCurrentDetails(describeStanding(status, Date.now()));
  }

  /** Tells the Temporal UI where the category stands, and its lists and searches what has changed. */
  publish(): void {
    const status = statusOf(this.state, this.inbox, this.nextMs);
    this.describe(status);
    const nodes = status.counts.provisioned;
    const { accuracy, drift } = this.newAccuracy(status);
    const { published } = this;
    if (
      published.mode === status.mode &&
      published.nodes === nodes &&
      Object.is(published.accuracy, accuracy) &&
      published.drift === drift
    )
      return;
    this.published = { mode: status.mode, nodes, accuracy, drift };
    upsertSearchAttributes([
      { key: searchAttributes.category, value: status.category },
      { key: searchAttributes.mode, value: status.mode },
      { key: searchAttributes.nodes, value: nodes },
      ...(status.accuracy === null ? [] : [{ key: searchAttributes.drift, value: drift }]),
      ...(Number.isNaN(accuracy) ? [] : [{ key: searchAttributes.accuracy, value: accuracy }]),
    ]);
  }

  /** As published, unless it has become another one: not every tick is worth an event in the history. */
  private newAccuracy({ accuracy }: CategoryStatus): { accuracy: number; drift: string } {
    const kinds = new Set(accuracy?.drifts.map(({ kind }) => kind) ?? []);
    const error = accuracy?.relativeError ?? Number.NaN;
    const near = Math.abs(error - this.published.accuracy) < leastAccuracyChange;
    return {
      accuracy: near || Number.isNaN(error) ? this.published.accuracy : Math.round(error * 1_000) / 1_000,
      drift: kinds.size === 0 ? 'none' : [...kinds].sort().join('+'),
    };
  }

  /** What woke the loop; an event out of reach is only recorded. */
  private takeWake(): TickTrigger | null {
    const { wake, announced, withdrawn } = this.inbox;
    const moved = this.inbox.moved.splice(0);
    this.inbox.wake = null;
    if (wake !== 'event' || withdrawn.length > 0) return wake;
    const { horizonsMs, leadMs } = this.state.settings;
    const inUse = this.state.forecast?.lead?.ms ?? leadMs;
    const reachMs = Date.now() + Math.max(leadMs, inUse, ...horizonsMs);
    const near = ({ startMs }: DemandEvent) => startMs <= reachMs;
    if (announced.some(near)) return wake;
    return moved.some(near) && patched(patches.movedEventsWake) ? wake : null;
  }

  /** Settings and events that came in go to the stores that the activities and the collector read. */
  private async saveRequests(): Promise<void> {
    const { state, inbox } = this;
    const { name } = state.settings;
    if (inbox.unregistered) {
      inbox.unregistered = false;
      await registerCategory.executeWithOptions({ summary: `settings of ${name}` }, [state.settings]);
    }
    if (inbox.announced.length === 0 && inbox.withdrawn.length === 0) return;
    const announced = inbox.announced.splice(0);
    const withdrawn = inbox.withdrawn.splice(0);
    const titles = [...announced.map(({ title }) => title), ...withdrawn.map(({ id }) => `withdrawn ${id}`)];
    const unknown = await attempt(
      recordEvents.executeWithOptions({ summary: titles.join(', ').slice(0, 180) }, [
        { category: name, announced, withdrawn },
      ]),
      (why) => reject(state, Date.now(), 'step recordEvents', why),
    );
    for (const id of unknown ?? [])
      reject(state, Date.now(), 'signal calendarEvent', `withdraw: no event "${id}" of that source is known`);
  }

  private async tick(trigger: TickTrigger): Promise<void> {
    const { state } = this;
    const { binMs } = state.settings;
    const nowMs = Date.now();
    const originMs = Math.floor(nowMs / binMs) * binMs;
    if (trigger === 'bin' || trigger === 'start') {
      state.ticks.skipped += skippedBins(originMs, binMs, state.ticks.lastMs);
      state.ticks.lastMs = originMs;
      this.checked = false;
    }
    state.ticks.done += 1;

    const predicted = await attempt(
      predict.executeWithOptions(inBin(binMs, `demand of ${state.settings.name} (${trigger})`), [
        {
          forecastId: this.idAt(nowMs),
          settings: state.settings,
          originMs: nowMs,
          distrust: state.forecast?.distrust ?? null,
          unmetSinceMs: state.unmetSinceMs ?? null,
        },
      ]),
      (why) => reject(state, Date.now(), 'step predict', why),
    );
    if (predicted !== null) {
      state.forecast = predicted;
      await startTrainingWhenDue(state, predicted.trainingDue, predicted.trainingUrgent);
    }
    await this.act(trigger, predicted, null);
  }

  /** In the middle of a bin: is more measured than was provisioned for? */
  private async check(): Promise<void> {
    this.checked = true;
    const verified = await this.inspect(null);
    if (verified?.scaleUp && this.mayScale())
      await this.act('measured', this.state.forecast, verified.scaleUp);
  }

  /** calculate → scale → verify; once more when verify finds that more is needed at once. */
  private async act(
    trigger: TickTrigger,
    predicted: PredictSummary | null,
    atLeast: VerifySummary['scaleUp'],
  ): Promise<void> {
    const { state } = this;
    const { settings } = state;
    const nowMs = Date.now();
    const decision = await attempt(
      calculate.executeWithOptions(inBin(settings.binMs, `nodes of ${settings.name} (${trigger})`), [
        {
          decisionId: this.idAt(nowMs),
          settings,
          trigger,
          atMs: nowMs,
          predicted,
          provisioned: state.counts.provisioned,
          routable: state.counts.routable,
          previousPlanned: state.decisions.at(-1)?.planned ?? null,
          recentRequired: heldRequired(state, nowMs),
          override: state.override,
          coming: state.coming ?? [],
          paused: state.paused !== null,
          health: state.health?.finding ?? null,
          atLeast,
        },
      ]),
      (why) => reject(state, Date.now(), 'step calculate', why),
    );
    if (decision === null) return;
    remember(state, decision);

    const lacking = this.mayScale() && decision.planned > state.counts.provisioned;
    state.unmetSinceMs = lacking ? (state.unmetSinceMs ?? decision.atMs) : null;
    const orderedMs = state.unmetSinceMs ?? decision.atMs;
    if (this.mayScale()) await this.scaleTo(decision.planned);
    else if (settings.mode === 'forecast-only' && state.placed?.nodes !== 0) await this.scaleTo(0);
    if (state.counts.provisioned >= decision.planned) state.unmetSinceMs = null;
    const verified = await this.inspect(decision.decisionId, orderedMs);
    if (verified?.scaleUp && atLeast === null && this.mayScale())
      await this.act('measured', predicted, verified.scaleUp);
  }

  private async scaleTo(nodes: number): Promise<void> {
    const { state } = this;
    const { workflowId, runId } = workflowInfo();
    const from = state.counts.provisioned;
    const replace = state.health?.replacing.map(({ id }) => id) ?? [];
    const change = nodes === from ? `keep ${nodes} nodes` : `${from} → ${nodes} nodes`;
    const summary =
      replace.length === 0 ? change : `${change}, replacing ${replace.join(', ')}`.slice(0, 180);
    const scaled = await attempt(
      scale.executeWithOptions({ summary }, [
        {
          settings: state.settings,
          nodes,
          ...(replace.length === 0 ? {} : { replace }),
          createdBy: `${workflowId}/${runId}`,
        },
      ]),
      (why) => reject(state, Date.now(), 'step scale', why),
    );
    if (scaled === null) return;
    state.placed = { nodes };
    state.counts = { ...state.counts, provisioned: scaled.provisioned };
  }

  /** `orderedMs`: when the nodes that were made just now were first asked for. */
  private async inspect(
    decisionId: string | null,
    orderedMs: number | null = null,
  ): Promise<VerifySummary | null> {
    const { state } = this;
    const { settings } = state;
    const what = decisionId === null ? 'between two bins' : 'after scaling';
    const verified = await attempt(
      verify.executeWithOptions(inBin(settings.binMs, `nodes and demand of ${settings.name} ${what}`), [
        {
          settings,
          decisionId,
          planned: state.counts.planned,
          requestsPerNodeBin: state.decisions.at(-1)?.requestsPerNodeBin ?? null,
          modelId: state.forecast?.modelId ?? null,
          trainedMs: lastTrainedMs(state),
          orderedMs,
          health: state.health ?? null,
          paused: state.paused !== null,
        },
      ]),
      (why) => reject(state, Date.now(), 'step verify', why),
    );
    if (verified === null) return null;
    state.verified = verified;
    state.health = verified.health ?? null;
    if (verified.accuracy) {
      state.accuracy = verified.accuracy;
      await startTrainingWhenDue(state, driftInWords(verified.accuracy.drifts), true);
    }
    const counts: NodeCounts = {
      ...state.counts,
      provisioned: verified.provisioned,
      routable: verified.routable,
    };
    state.counts = counts;
    return verified;
  }

  private mayScale(): boolean {
    return this.state.settings.mode === 'active' && this.state.paused === null;
  }

  /** Names what a step writes, so that its retry writes the same row again. */
  private idAt(timeMs: number): string {
    return `${this.state.settings.name}@${new Date(timeMs).toISOString()}`;
  }
}
