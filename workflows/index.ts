/** The workflows that a worker serves; this is the entry of the workflow bundle. */
export { allocateCategory } from './allocation/allocateCategory';
export { syncEvents } from './feeds/syncEvents';
export { retrainCategory } from './training/retrainCategory';
