/** The trainer port in worker threads. */
export { createTrainer } from './createTrainer';
export { familyInThread } from './familyInThread';
