/** An error of pg or the network enters, a PamError that a person and a retry policy understand leaves. */
import { types } from 'node:util';
import { type ErrorCode, PamError } from '../../../core/errors';
import { describeTlsFailure } from '../../../core/tlsFailure';

const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ENOENT',
]);

/** SQLSTATE or its class (first two characters) → code; the longer match wins. PostgreSQL documentation, appendix A. */
const sqlStates: Readonly<Record<string, ErrorCode>> = {
  '08': 'UNAVAILABLE',
  '53': 'UNAVAILABLE',
  '57': 'UNAVAILABLE',
  '40': 'CONFLICT',
  '55P03': 'CONFLICT',
  '28': 'DENIED',
  '42501': 'DENIED',
  '3D000': 'INVALID_CONFIG',
  '3F000': 'INVALID_CONFIG',
  '42P01': 'INVALID_CONFIG',
  '22': 'INVALID_DATA',
  '23': 'INVALID_DATA',
};

/**
 * PamError for what pg threw; one that already is a PamError stays as it is. `place` is the result of
 * `describeDatabase`, `doing` completes "could not …".
 */
export function translateError(error: unknown, place: string, doing: string): PamError {
  if (error instanceof PamError) return error;
  // `instanceof` fails on errors of another realm, as a sandbox such as a test runner's has them.
  const thrown = types.isNativeError(error) ? error : new Error(String(error));
  const state = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
  const tls = describeTlsFailure(thrown);
  if (tls !== null)
    return new PamError(
      'DENIED',
      `could not ${doing} in the database ${place}: no TLS connection: ${tls}; see sslmode, sslrootcert, sslcert and sslkey in docs/access.md`,
      { cause: error },
    );
  const code = codeOf(state, thrown.message);
  return new PamError(
    code,
    `could not ${doing} in the database ${place}: ${reasonOf(thrown, state)}${advice(code, state)}`,
    { cause: error },
  );
}

/** `host:port/name` of a connection string: never its user or password. */
export function describeDatabase(url: string): string {
  try {
    const { hostname, port, pathname } = new URL(url);
    return `${hostname}:${port === '' ? '5432' : port}${pathname}`;
  } catch {
    return '(the address is not a URL)';
  }
}

function codeOf(state: string, message: string): ErrorCode {
  if (networkCodes.has(state)) return 'UNAVAILABLE';
  // pg reports these without a code.
  if (state === '' && /terminated|timeout|timed out|not queryable|Client was closed/i.test(message))
    return 'UNAVAILABLE';
  if (state === '' && /password/i.test(message)) return 'DENIED';
  return sqlStates[state] ?? sqlStates[state.slice(0, 2)] ?? 'REJECTED';
}

function reasonOf(error: Error, state: string): string {
  // Node gives an AggregateError without a message when every address of a host refuses.
  if (error.message === '' && 'errors' in error && Array.isArray(error.errors))
    return error.errors.map((one) => (types.isNativeError(one) ? one.message : String(one))).join('; ');
  return state === '' || networkCodes.has(state) ? error.message : `${error.message} (SQLSTATE ${state})`;
}

function advice(code: ErrorCode, state: string): string {
  if (state === '3D000') return '; create the database, or correct DATABASE_URL';
  if (code === 'INVALID_CONFIG')
    return '; its schema is missing or old: run the migrations, as "pam up" does';
  if (code === 'DENIED') return '; check the user and password in DATABASE_URL and what the user may do';
  if (networkCodes.has(state)) return '; is it running, and is DATABASE_URL right?';
  return '';
}
