/** Training worker: serves `retrainCategory` and its fits on the training queue, away from the ticks. */
import { Worker } from '@temporalio/worker';
import { createTrainingActivities } from '../activities/createActivities';
import { openDatabase } from '../adapters/postgres';
import { connectWorker } from '../adapters/temporal/connect';
import { createTrainer } from '../adapters/trainer';
import { loadConfig } from '../config/load';
import { trainingQueueOf } from '../workflows/contracts';
import { workerCoding } from './bundle';
import { announceReady, createLogger, logTemporalTo } from './logger';
import { endWith, requireDatabaseUrl, runUntilSignal } from './process';

/** Fits at the same time, each in a thread of its own. */
const concurrentFits = 2;

async function main(): Promise<void> {
  const config = loadConfig();
  const logger = createLogger('training', config.log.level);
  logTemporalTo(logger);
  const database = await openDatabase({
    url: requireDatabaseUrl(config),
    poolSize: config.database.poolSize,
  });
  const trainer = createTrainer({ threads: concurrentFits, notify: (notice) => logger.warn(notice) });
  const connection = await connectWorker(config.temporal);
  const worker = await Worker.create({
    connection,
    namespace: config.temporal.namespace,
    taskQueue: trainingQueueOf(config.temporal.taskQueue),
    ...workerCoding(config.temporal.encryption),
    activities: createTrainingActivities({ ...database, trainer, now: Date.now }),
    maxConcurrentActivityTaskExecutions: concurrentFits,
    shutdownGraceTime: '5s',
  });
  announceReady('training');
  await runUntilSignal(worker, logger);
  await trainer.close();
  await connection.close();
  await database.close();
}

main().catch((error: unknown) => endWith('training', error));
