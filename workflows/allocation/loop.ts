/** The loop of one category: waits for the next look, then runs the steps and keeps what they found in the state. */
import { condition, workflowInfo } from '@temporalio/workflow';
import { settleMsOf } from '../../core/category/demand';
import type {
  CalculateSummary,
  CategoryStatus,
  PredictSummary,
  TickTrigger,
  VerifySummary,
} from '../contracts';
import { Publishing } from './publishing';
import { nextLook, skippedBins } from './schedule';
import { driftInWords } from './standing';
import { type AllocationState, expire, type Inbox, reject, remember, statusOf } from './state';
import { attempt, calculate, inBin, predict, scale, verify } from './steps';
import { saveRequests, takeWake } from './takeRequests';
import { lastTrainedMs, startTrainingWhenDue } from './training';

type AtLeast = VerifySummary['scaleUp'];

export class AllocationLoop {
  /** When the loop looks next, ms. */
  nextMs = Date.now();
  private checked = false;
  private readonly publishing = new Publishing();

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

    const wake = takeWake(state, inbox);
    await saveRequests(state, inbox);
    const ended = expire(state, Date.now());
    if (wake !== null || ended !== null) await this.tick(wake ?? ended ?? 'bin');
    else if (Date.now() >= next.atMs) await (next.kind === 'tick' ? this.tick('bin') : this.check());
    this.publish();
  }

  describe(): void {
    this.publishing.describe(this.status());
  }

  publish(): void {
    this.publishing.publish(this.status());
  }

  /** The whole path: predict, then what follows from it. */
  private async tick(trigger: TickTrigger): Promise<void> {
    this.countTick(trigger);
    const predicted = await this.predict(trigger);
    await this.act(trigger, predicted, null);
  }

  /** In the middle of a bin: is more measured than was provisioned for? */
  private async check(): Promise<void> {
    this.checked = true;
    const verified = await this.verify(null, null);
    if (verified?.scaleUp && this.mayScale())
      await this.act('measured', this.state.forecast, verified.scaleUp);
  }

  /** calculate → scale → verify; once more when verify finds that more is needed at once. */
  private async act(trigger: TickTrigger, predicted: PredictSummary | null, atLeast: AtLeast): Promise<void> {
    const decision = await this.calculate(trigger, predicted, atLeast);
    if (decision === null) return;
    const orderedMs = this.noteOrder(decision);
    await this.scaleAsDecided(decision);
    const verified = await this.verify(decision.decisionId, orderedMs);
    if (verified?.scaleUp && atLeast === null && this.mayScale())
      await this.act('measured', predicted, verified.scaleUp);
  }

  private countTick(trigger: TickTrigger): void {
    const { ticks, settings } = this.state;
    if (trigger === 'bin' || trigger === 'start') {
      const originMs = Math.floor(Date.now() / settings.binMs) * settings.binMs;
      ticks.skipped += skippedBins(originMs, settings.binMs, ticks.lastMs);
      ticks.lastMs = originMs;
      this.checked = false;
    }
    ticks.done += 1;
  }

  private async predict(trigger: TickTrigger): Promise<PredictSummary | null> {
    const { state } = this;
    const { settings } = state;
    const atMs = Date.now();
    const predicted = await attempt(
      predict.executeWithOptions(inBin(settings.binMs, `demand of ${settings.name} (${trigger})`), [
        { forecastId: this.idAt(atMs), settings, atMs, distrust: state.forecast?.distrust ?? null },
      ]),
      this.failed('predict'),
    );
    if (predicted !== null) state.forecast = predicted;
    return predicted;
  }

  private async calculate(
    trigger: TickTrigger,
    predicted: PredictSummary | null,
    atLeast: AtLeast,
  ): Promise<CalculateSummary | null> {
    const { state } = this;
    const { settings, counts, required, override, coming } = state;
    const atMs = Date.now();
    const decision = await attempt(
      calculate.executeWithOptions(inBin(settings.binMs, `nodes of ${settings.name} (${trigger})`), [
        {
          decisionId: this.idAt(atMs),
          ...{ settings, trigger, atMs, predicted, required, override, coming, atLeast },
          provisioned: counts.provisioned,
          routable: counts.routable,
          previousPlanned: state.decisions.at(-1)?.planned ?? null,
          paused: state.paused !== null,
          health: state.health?.finding ?? null,
        },
      ]),
      this.failed('calculate'),
    );
    if (decision !== null) remember(state, decision);
    return decision;
  }

  /** When the nodes that are lacking were first asked for; of a decision that lacks none its own time. */
  private noteOrder({ planned, atMs }: CalculateSummary): number {
    const { state } = this;
    const lacking = this.mayScale() && planned > state.counts.provisioned;
    state.unmetSinceMs = lacking ? (state.unmetSinceMs ?? atMs) : null;
    return state.unmetSinceMs ?? atMs;
  }

  private async scaleAsDecided({ planned }: CalculateSummary): Promise<void> {
    const { state } = this;
    if (this.mayScale()) await this.scaleTo(planned);
    else if (state.settings.mode === 'forecast-only' && state.placed?.nodes !== 0) await this.scaleTo(0);
    if (state.counts.provisioned >= planned) state.unmetSinceMs = null;
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
        { settings: state.settings, nodes, replace, createdBy: `${workflowId}/${runId}` },
      ]),
      this.failed('scale'),
    );
    if (scaled === null) return;
    state.placed = { nodes };
    state.counts = { ...state.counts, provisioned: scaled.provisioned };
  }

  /** `decisionId` and `orderedMs` are null for a look between two ticks. */
  private async verify(decisionId: string | null, orderedMs: number | null): Promise<VerifySummary | null> {
    const { state } = this;
    const { settings, health, unmetSinceMs, forecast } = state;
    const what = decisionId === null ? 'between two bins' : 'after scaling';
    const verified = await attempt(
      verify.executeWithOptions(inBin(settings.binMs, `nodes and demand of ${settings.name} ${what}`), [
        {
          ...{ settings, decisionId, orderedMs, unmetSinceMs, health },
          planned: state.counts.planned,
          requestsPerNodeBin: state.decisions.at(-1)?.requestsPerNodeBin ?? null,
          predicted: forecast === null ? null : { modelId: forecast.modelId, incumbent: forecast.incumbent },
          trainedMs: lastTrainedMs(state),
          paused: state.paused !== null,
        },
      ]),
      this.failed('verify'),
    );
    if (verified !== null) await this.takeIn(verified);
    return verified;
  }

  private async takeIn(verified: VerifySummary): Promise<void> {
    const { state } = this;
    const { provisioned, routable, health, lead, trainingDue, accuracy } = verified;
    state.verified = verified;
    state.health = health;
    state.counts = { ...state.counts, provisioned, routable };
    if (lead !== null) state.lead = lead;
    if (accuracy !== null) state.accuracy = accuracy;
    if (trainingDue !== null) await startTrainingWhenDue(state, trainingDue.reason, trainingDue.urgent);
    const drift = driftInWords(accuracy?.drifts ?? []);
    if (drift !== null) await startTrainingWhenDue(state, drift, true);
  }

  private mayScale(): boolean {
    return this.state.settings.mode === 'active' && this.state.paused === null;
  }

  private status(): CategoryStatus {
    return statusOf(this.state, this.inbox, this.nextMs);
  }

  private failed(step: string): (why: string) => void {
    return (why) => reject(this.state, Date.now(), `step ${step}`, why);
  }

  /** Names what a step writes, so that its retry writes the same row again. */
  private idAt(timeMs: number): string {
    return `${this.state.settings.name}@${new Date(timeMs).toISOString()}`;
  }
}
