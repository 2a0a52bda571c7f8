/** A pool of connections with its limits; what the stores run their statements through. */
import { Pool, type PoolClient, type QueryResultRow } from 'pg';
import { checkedAddress } from './address';
import { describeDatabase, translateError } from './translateError';

export interface ConnectionOptions {
  /** postgres://user:password@host:port/name */
  readonly url: string;
  /** Most connections; default 10. */
  readonly poolSize?: number;
  /** A statement that takes longer is cancelled by the server, ms; default 30,000. */
  readonly statementTimeoutMs?: number;
  /** How the server's own views name these connections; default `pam`. */
  readonly applicationName?: string;
}

/** Runs one statement. Throws PamError; `doing` completes its "could not …". */
export type RunStatement = <Row extends QueryResultRow>(
  doing: string,
  text: string,
  values?: readonly unknown[],
) => Promise<Row[]>;

export class Connection {
  /** host:port/name */
  readonly place: string;
  private readonly pool: Pool;

  /** Throws PamError INVALID_CONFIG on an address that is not one of PostgreSQL. Connects at the first statement. */
  constructor({
    url,
    poolSize = 10,
    statementTimeoutMs = 30_000,
    applicationName = 'pam',
  }: ConnectionOptions) {
    const connectionString = checkedAddress(url);
    this.place = describeDatabase(url);
    this.pool = new Pool({
      connectionString,
      max: poolSize,
      application_name: applicationName,
      statement_timeout: statementTimeoutMs,
      // The server may be frozen: the client gives up a little later than the server would.
      query_timeout: statementTimeoutMs + 5_000,
      connectionTimeoutMillis: 10_000,
      idleTimeoutMillis: 30_000,
      keepAlive: true,
      allowExitOnIdle: true,
    });
    // An idle connection that the server ended is replaced at the next statement; without a listener it ends the process.
    this.pool.on('error', () => undefined);
  }

  readonly run: RunStatement = async (doing, text, values = []) => {
    try {
      return (await this.pool.query(text, [...values])).rows;
    } catch (error) {
      throw translateError(error, this.place, doing);
    }
  };

  /** All of `work` or nothing of it. */
  async transaction<Result>(doing: string, work: (run: RunStatement) => Promise<Result>): Promise<Result> {
    const client = await this.client(doing);
    let broken = false;
    try {
      await client.query('BEGIN');
      const result = await work(async (_, text, values = []) => (await client.query(text, [...values])).rows);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch(() => {
        broken = true;
      });
      throw translateError(error, this.place, doing);
    } finally {
      client.release(broken);
    }
  }

  /** A connection for a longer job; release it. */
  async client(doing: string): Promise<PoolClient> {
    try {
      return await this.pool.connect();
    } catch (error) {
      throw translateError(error, this.place, doing);
    }
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}
