/** Sources that read cumulative counters. */
export { type Counters, createCounterSource } from './counterSource';
