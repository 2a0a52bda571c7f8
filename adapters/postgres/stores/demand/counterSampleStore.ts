/** Cumulative counters of demand sources over the last bins, in `pam.counter_samples`. */
import type { CounterSample, CounterSampleStore } from '../../../../ports/stores/demand/counterSampleStore';
import type { Connection } from '../../connection/connection';
import { toInstant, toMs } from '../../connection/instants';

const putStatement = `
  INSERT INTO pam.counter_samples (category, source, at, started_at, requests, errors, latency_buckets, nodes)
  SELECT category, source, ${toInstant('at_ms')}, ${toInstant('started_ms')}, requests, errors, latency_buckets, nodes
  FROM unnest($1::text[], $2::text[], $3::float8[], $4::float8[], $5::float8[], $6::float8[], $7::jsonb[], $8::jsonb[])
    AS sample(category, source, at_ms, started_ms, requests, errors, latency_buckets, nodes)
  ORDER BY category
  ON CONFLICT (category, source, at) DO NOTHING`;

const forgetStatement = `
  DELETE FROM pam.counter_samples AS old
  USING unnest($1::text[], $2::text[], $3::float8[]) AS kept(category, source, from_ms)
  WHERE old.category = kept.category AND old.source = kept.source AND old.at < ${toInstant('kept.from_ms')}`;

export function createCounterSampleStore(connection: Connection): CounterSampleStore {
  return {
    async put(samples, keepMs) {
      if (samples.length === 0) return;
      const names = [samples.map(({ category }) => category), samples.map(({ source }) => source)];
      await connection.run("store a demand source's counters", putStatement, [
        ...names,
        samples.map(({ atMs }) => atMs),
        samples.map(({ startedMs }) => startedMs),
        samples.map(({ requests }) => requests),
        samples.map(({ errors }) => errors),
        samples.map(({ latencyBuckets }) => JSON.stringify(latencyBuckets)),
        samples.map(({ nodes }) => JSON.stringify(nodes)),
      ]);
      await connection.run('forget old counters', forgetStatement, [
        ...names,
        samples.map((sample) => sample.atMs - keepMs(sample)),
      ]);
    },

    kept: (source, categories) =>
      connection.run<CounterSample & Record<string, unknown>>(
        "read a demand source's counters",
        `SELECT category, source, ${toMs('at')} AS "atMs", ${toMs('started_at')} AS "startedMs", requests, errors,
           latency_buckets AS "latencyBuckets", nodes
         FROM pam.counter_samples WHERE source = $1 AND category = ANY($2::text[]) ORDER BY category, at`,
        [source, categories],
      ),
  };
}
