/**
 * An address of PostgreSQL as configured → the same with one meaning of `sslmode`, checked before anything connects.
 *
 * The library takes `prefer`, `require` and `verify-ca` for `verify-full` today and warns that its next version takes
 * them as libpq does, which does not verify. PAM keeps the strict meaning whatever the version. Who wants libpq's writes
 * `uselibpqcompat=true`.
 */
import { accessSync, constants } from 'node:fs';
import { PamError } from '../../../core/errors';
import { messageOf } from '../../../core/thrown';

const modes = ['disable', 'no-verify', 'prefer', 'require', 'verify-ca', 'verify-full'];
const verifying = new Set(['prefer', 'require', 'verify-ca']);

/** Throws PamError INVALID_CONFIG, never with the password. */
export function checkedAddress(url: string): string {
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url))
    throw new PamError(
      'INVALID_CONFIG',
      'the database address is wrong: expected postgres://user:password@host:port/name',
    );
  const address = new URL(url);
  const mode = address.searchParams.get('sslmode');
  if (mode !== null && !modes.includes(mode))
    throw new PamError(
      'INVALID_CONFIG',
      `the database address: sslmode=${mode}: expected one of ${modes.join(', ')}`,
    );
  for (const name of ['sslrootcert', 'sslcert', 'sslkey']) {
    const file = address.searchParams.get(name);
    if (file === null) continue;
    try {
      accessSync(file, constants.R_OK);
    } catch (error) {
      throw new PamError('INVALID_CONFIG', `the database address: ${name}: ${messageOf(error)}`);
    }
  }
  if (mode === null || !verifying.has(mode) || address.searchParams.get('uselibpqcompat') === 'true')
    return url;
  address.searchParams.set('sslmode', 'verify-full');
  return address.href;
}
