/**
 * A network address → whether a feed may use it. The owner of a feed must not make PAM send requests inside its own
 * network.
 */
import { type LookupAddress, type LookupAllOptions, lookup as systemLookup } from 'node:dns';
import { isIP } from 'node:net';
import { PamError } from '../../core/errors';
import { isPublicAddress } from './addressRange';

export { isPublicAddress };

function refused(host: string, address: string): PamError {
  return new PamError(
    'DENIED',
    `${host === address ? address : `${host} (${address})`} is in a private, loopback or link-local network: a feed may use it only with "allowPrivate": true`,
  );
}

/** Throws PamError DENIED for a host that is written as an address outside the public networks. */
export function checkLiteral(host: string): void {
  const bare = host.replace(/^\[|\]$/g, '');
  if (isIP(bare) !== 0 && !isPublicAddress(bare)) throw refused(bare, bare);
}

type LookupDone = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void;

/**
 * Used for the connection itself: the address that is connected to is the one that was checked. So a name that
 * resolves differently the second time (DNS rebinding) gains nothing.
 */
export function publicLookup(
  host: string,
  options: { readonly all?: boolean | undefined },
  done: LookupDone,
): void {
  systemLookup(host, { ...options, all: true } as LookupAllOptions, (error, addresses) => {
    if (error !== null) return done(error, []);
    const inside = addresses.find(({ address }) => !isPublicAddress(address));
    if (inside !== undefined) return done(refused(host, inside.address), []);
    if (options.all) return done(null, addresses);
    const [first] = addresses;
    done(null, first?.address ?? '', first?.family);
  });
}
