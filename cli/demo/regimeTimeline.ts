/** Statuses as they are read → when each stage of learning, and each step of the answer to a change, was first seen. */
import type { CategoryStatus, LearningStage, RetrainResult } from '../../workflows/contracts';

export interface Training {
  readonly runId: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly result: RetrainResult;
}

export interface Moment {
  readonly atMs: number;
  readonly category: string;
  readonly what: string;
}

export class RegimeTimeline {
  readonly moments: Moment[] = [];
  private readonly stages = new Map<string, LearningStage[]>();
  private readonly told = new Set<string>();
  private readonly trainings = new Map<string, Training[]>();

  constructor(private readonly report: (moment: Moment) => void) {}

  add(atMs: number, category: string, what: string): void {
    const moment = { atMs, category, what };
    this.moments.push(moment);
    this.report(moment);
  }

  see(status: CategoryStatus, nowMs: number): void {
    const { category, forecast } = status;
    const stages = this.stagesOf(category);
    if (forecast !== null && stages.at(-1) !== forecast.stage) {
      stages.push(forecast.stage);
      this.add(forecast.originMs, category, `predicts from ${forecast.stage}: ${forecast.basis}`);
    }
    for (const drift of status.accuracy?.drifts ?? []) {
      const key = `${category} ${drift.kind} ${drift.detectedMs}`;
      if (this.told.has(key)) continue;
      this.told.add(key);
      this.add(nowMs, category, `${drift.kind} drifted: ${drift.what}`);
    }
  }

  trained(category: string, training: Training): void {
    const known = this.trainings.get(category) ?? [];
    if (known.some(({ runId }) => runId === training.runId)) return;
    this.trainings.set(category, [...known, training]);
    const { outcome, reason, promoted } = training.result;
    const seconds = ((training.endMs - training.startMs) / 1_000).toFixed(1);
    this.add(training.startMs, category, `training starts, ${seconds} s long`);
    this.add(
      training.endMs,
      category,
      `${promoted === null ? outcome : `${outcome}, ${promoted} serves`}: ${reason}`,
    );
  }

  stagesOf(category: string): LearningStage[] {
    const stages = this.stages.get(category) ?? [];
    this.stages.set(category, stages);
    return stages;
  }

  trainingsOf(category: string): readonly Training[] {
    return this.trainings.get(category) ?? [];
  }

  /** First time after `fromMs` that a drift of the category was seen; null = not yet. */
  driftAfter(category: string, fromMs: number): number | null {
    return this.first(category, fromMs, /drifted:/);
  }

  private first(category: string, fromMs: number, what: RegExp): number | null {
    return (
      this.moments.find(
        (moment) => moment.category === category && moment.atMs >= fromMs && what.test(moment.what),
      )?.atMs ?? null
    );
  }
}

/** First training after the drift was found, and the first one after it that promoted another model. */
export function answersTo(
  trainings: readonly Training[],
  driftMs: number,
): { first: Training | null; promoted: Training | null } {
  // The workflow starts the training before its status shows the drift.
  const after = trainings.filter(
    ({ startMs, result }) => startMs >= driftMs || result.reason.includes('drifted'),
  );
  return { first: after[0] ?? null, promoted: after.find(({ result }) => result.promoted !== null) ?? null };
}
