/**
 * Instants cross the border to PostgreSQL as milliseconds since the epoch, and are kept as timestamptz, which people
 * can read: SQL fragments for both directions.
 */

/** SQL that turns a parameter in ms (`$1`) into a timestamptz. */
export const toInstant = (parameter: string): string => `to_timestamp(${parameter}::double precision / 1000)`;

/** SQL that turns a timestamptz column into ms, as a number that pg reads as one; null stays null. */
export const toMs = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::double precision`;
