/** The trainer port in worker threads. */
export { createTrainer, type TrainerOptions } from './createTrainer';
export { familyInThread } from './familyInThread';
