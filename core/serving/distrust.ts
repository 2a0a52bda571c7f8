/** Why the baseline stands in for a model, and since when; evaluation/accuracy/trust.ts decides it. */
export interface Distrust {
  readonly modelId: string;
  readonly sinceMs: number;
  /** In a sentence without its end. */
  readonly reason: string;
}
