/** The steps of a change in their order, so that a test can interrupt a pool after each of them. */

export const poolSteps = [
  /** The pool is held, its nodes are listed and chosen among; nothing is changed yet. */
  'planned',
  /** The ledger says what is wanted. */
  'noted',
  /** The stack's update has ended: nodes by order exist, dropped ones drain. */
  'declared',
  /** Dropped nodes are out of the proxy; those by order that no stack knew of drain too. */
  'retired',
  /** The number of nodes by number is set. */
  'numbered',
  /** The ledger says that it is so. */
  'applied',
] as const;

export type PoolStep = (typeof poolSteps)[number];
