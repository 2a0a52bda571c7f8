/** What the proxy allows at most. A limit ends what has gone wrong and is far above what works; each has its reason. */

/** Longest time for one request, from its last byte in to its last byte out, ms. */
export const requestTimeoutMs = 60_000;

/** Of a client that reaches the entry. */
export const downstream = {
  /** Headers that trickle in hold a stream; a client sends them in one go. */
  requestHeadersTimeoutMs: 10_000,
  /** A body that trickles in, uploads included. */
  requestTimeoutMs: 300_000,
  /** A stream on which nothing moves, ms. */
  streamIdleTimeoutMs: 120_000,
  /** A kept connection without a request, ms: above what load balancers keep (60 s), so that they close first. */
  idleTimeoutMs: 75_000,
  /** A connection is closed after the answer that follows, so that clients spread over proxies again. */
  maxConnectionMs: 3_600_000,
  maxHeaders: 100,
  maxHeadersKb: 60,
  /** What is kept of a body in memory, to send it again, bytes. */
  bufferBytes: 1_048_576,
  /** Of all clients; above it connections are refused, those that are there go on. */
  maxConnections: 20_000,
} as const;

/** Of a category. What is above waits in the proxy, then gets 503: that category only. */
export const category = {
  maxConnections: 4_096,
  maxRequests: 4_096,
  /** Requests that wait for a connection. */
  maxPending: 4_096,
  maxRetries: 512,
  /**
   * To one node, and to the shared pool, which is one address for a category. So a category without nodes waits in its own
   * queue, and leaves the shared pool's to the others.
   */
  maxConnectionsPerNode: 128,
} as const;

/** Of the shared pool: all categories together, and requests that match none. */
export const shared = {
  maxConnections: 16_384,
  maxRequests: 16_384,
  maxPending: 16_384,
  maxRetries: 1_024,
  maxConnectionsPerNode: 8_192,
} as const;

export type PoolLimits = typeof category | typeof shared;
