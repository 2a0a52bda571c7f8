/** The workflows that a worker serves; this is the entry of the workflow bundle. */
export { allocateCategory } from './allocateCategory';
export { retrainCategory } from './retrainCategory';
export { syncEvents } from './syncEvents';
