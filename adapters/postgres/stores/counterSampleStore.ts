/** The proxy's newest cumulative counters in `pam.counter_samples`, one row a category. */
import type {
  CounterSample,
  CounterSampleStore,
  LatencyBucket,
} from '../../../ports/stores/counterSampleStore';
import type { Connection } from '../connection/connection';
import { toInstant, toMs } from '../connection/instants';

interface SampleRow extends Omit<CounterSample, 'latencyBuckets'> {
  [column: string]: unknown;
  latencyBuckets: LatencyBucket[] | null;
}

export function createCounterSampleStore(connection: Connection): CounterSampleStore {
  return {
    async put(sample) {
      await connection.run(
        "store the proxy's counters",
        `INSERT INTO pam.counter_samples AS kept (category, at, incarnation, requests, late, errors, latency_buckets)
         VALUES ($1, ${toInstant('$2')}, $3, $4, $5, $6, $7)
         ON CONFLICT (category) DO UPDATE SET
           at = excluded.at, incarnation = excluded.incarnation, requests = excluded.requests,
           late = excluded.late, errors = excluded.errors, latency_buckets = excluded.latency_buckets
         WHERE kept.at <= excluded.at`,
        [
          sample.category,
          sample.atMs,
          sample.incarnation,
          sample.requests,
          sample.late,
          sample.errors,
          sample.latencyBuckets === undefined ? null : JSON.stringify(sample.latencyBuckets),
        ],
      );
    },

    async latest(category) {
      const [row] = await connection.run<SampleRow>(
        "read the proxy's counters",
        `SELECT category, ${toMs('at')} AS "atMs", incarnation, requests, late, errors,
           latency_buckets AS "latencyBuckets"
         FROM pam.counter_samples WHERE category = $1`,
        [category],
      );
      if (row === undefined) return null;
      const { latencyBuckets, ...sample } = row;
      return { ...sample, ...(latencyBuckets === null ? {} : { latencyBuckets }) };
    },
  };
}
