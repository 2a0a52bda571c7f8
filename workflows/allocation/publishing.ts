/** Where a category stands → the Temporal UI's details at every look, and search attributes when they have changed. */
import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { type CategoryStatus, searchAttributes } from '../contracts';
import { describeStanding } from './standing';

/** A smaller change of the accuracy is not worth an event in the history. */
const leastAccuracyChange = 0.05;

export class Publishing {
  private published = { mode: '', nodes: -1, accuracy: Number.NaN, drift: 'none' };

  /**
   * The details cost no event of the history, and are all that the UI has of a category in a run that continues another:
   * the static summary and details are those of the first run only.
   */
  describe(status: CategoryStatus): void {
    setCurrentDetails(describeStanding(status, Date.now()));
  }

  publish(status: CategoryStatus): void {
    this.describe(status);
    const { category, mode, counts } = status;
    const next = { mode, nodes: counts.provisioned, ...this.forecastQuality(status) };
    const before = this.published;
    if (
      before.mode === next.mode &&
      before.nodes === next.nodes &&
      Object.is(before.accuracy, next.accuracy) &&
      before.drift === next.drift
    )
      return;
    this.published = next;
    upsertSearchAttributes([
      { key: searchAttributes.category, value: category },
      { key: searchAttributes.mode, value: mode },
      { key: searchAttributes.nodes, value: next.nodes },
      ...(status.accuracy === null ? [] : [{ key: searchAttributes.drift, value: next.drift }]),
      ...(Number.isNaN(next.accuracy) ? [] : [{ key: searchAttributes.accuracy, value: next.accuracy }]),
    ]);
  }

  /** As published, unless it has become another one. */
  private forecastQuality({ accuracy }: CategoryStatus): { accuracy: number; drift: string } {
    const kinds = new Set(accuracy?.drifts.map(({ kind }) => kind) ?? []);
    const error = accuracy?.relativeError ?? Number.NaN;
    const near = Math.abs(error - this.published.accuracy) < leastAccuracyChange;
    return {
      accuracy: near || Number.isNaN(error) ? this.published.accuracy : Math.round(error * 1_000) / 1_000,
      drift: kinds.size === 0 ? 'none' : [...kinds].sort().join('+'),
    };
  }
}
