/** Names and ids of workflows, queues, Schedules and search attributes. */
import { defineSearchAttributeKey } from '@temporalio/common';

/** Where fits run, so that a long one never delays a tick. */
export const trainingQueueOf = (taskQueue: string): string => `${taskQueue}-train`;

const feedsEnding = '-feeds';

/**
 * Where feeds are fetched and read, by another process than the one that serves ticks. `taskQueue` is that of the
 * categories, or the queue of feeds itself.
 */
export const feedsQueueOf = (taskQueue: string): string =>
  taskQueue.endsWith(feedsEnding) ? taskQueue : `${taskQueue}${feedsEnding}`;

export const workflowTypes = {
  allocateCategory: 'allocateCategory',
  retrainCategory: 'retrainCategory',
  syncEvents: 'syncEvents',
} as const;

export const categoryWorkflowId = (category: string): string => `category:${category}`;
export const retrainWorkflowId = (category: string): string => `retrain:${category}`;
export const syncWorkflowId = (feed: string): string => `sync:${feed}`;
export const feedScheduleId = (feed: string): string => `feed:${feed}`;

/** Created on the namespace by `pam up`; see `searchAttributeTypes`. */
export const searchAttributes = {
  category: defineSearchAttributeKey('PamCategory', 'KEYWORD'),
  mode: defineSearchAttributeKey('PamMode', 'KEYWORD'),
  nodes: defineSearchAttributeKey('PamNodes', 'INT'),
  /** Absolute error of the forecasts ÷ that of the last value, over the last day. */
  accuracy: defineSearchAttributeKey('PamAccuracy', 'DOUBLE'),
  /** `none`, or what has drifted: `level`, `error`, `calibration`, several with a plus between them. */
  drift: defineSearchAttributeKey('PamDrift', 'KEYWORD'),
} as const;
