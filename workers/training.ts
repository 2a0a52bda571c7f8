/**
 * Training worker: serves `retrainCategory` and its fits on the training queue, `syncEvents` and the reading of feeds on
 * the feeds' queue, both away from the ticks. Each has slots and connections of its own.
 */
import { Worker } from '@temporalio/worker';
import { createFeedActivities, createTrainingActivities } from '../activities/createActivities';
import { createFeedSource } from '../adapters/feeds';
import { openDatabase } from '../adapters/postgres';
import { createReader } from '../adapters/reader';
import { connectWorker } from '../adapters/temporal/connect';
import { createTrainer } from '../adapters/trainer';
import { loadConfig } from '../config/load';
import { policyOf } from '../config/policy';
import { readingLimits } from '../core/events/readingLimits';
import { feedsQueueOf, trainingQueueOf } from '../workflows/contracts';
import { workerCoding } from './bundle';
import { announceReady, createLogger } from './logger';
import { endWith, keepFilesPrivate, runUntilSignal } from './process';
import { requireDatabaseUrl } from './requireDatabaseUrl';
import { logTemporalTo } from './temporalLog';

/** Fits at the same time, each in a thread of its own. */
const concurrentFits = 2;
/** Feeds that are fetched at the same time: a slow server keeps one of these waiting. */
const concurrentFeeds = 10;
const feedConnections = 3;

async function main(): Promise<void> {
  keepFilesPrivate();
  const config = loadConfig();
  const logger = createLogger('training', config.log.level);
  logTemporalTo(logger);
  const database = await openDatabase({
    url: requireDatabaseUrl(config),
    poolSize: config.database.poolSize,
  });
  const feedDatabase = await openDatabase({
    url: requireDatabaseUrl(config),
    poolSize: feedConnections,
    applicationName: 'pam-feeds',
  });
  const policy = policyOf(config);
  const reader = createReader({ limits: { ...readingLimits, events: policy.feeds.events } });
  const trainer = createTrainer({ threads: concurrentFits, notify: (notice) => logger.warn(notice) });
  const connection = await connectWorker(config.temporal);
  const common = {
    connection,
    namespace: config.temporal.namespace,
    ...workerCoding(config.temporal.encryption),
  };
  const training = await Worker.create({
    ...common,
    taskQueue: trainingQueueOf(config.temporal.taskQueue),
    activities: createTrainingActivities({ ...database, trainer, now: Date.now }),
    maxConcurrentActivityTaskExecutions: concurrentFits,
    shutdownGraceTime: '5s',
  });
  const feeds = await Worker.create({
    ...common,
    taskQueue: feedsQueueOf(config.temporal.taskQueue),
    activities: createFeedActivities({
      ...{ ...feedDatabase, policy, feedSource: createFeedSource(reader, policy) },
      now: Date.now,
    }),
    maxConcurrentActivityTaskExecutions: concurrentFeeds,
    maxCachedWorkflows: 100,
    shutdownGraceTime: '5s',
  });
  announceReady('training');
  await runUntilSignal([training, feeds], logger);
  await Promise.all([trainer.close(), reader.close()]);
  await connection.close();
  await Promise.all([database.close(), feedDatabase.close()]);
}

main().catch((error: unknown) => endWith('training', error));
