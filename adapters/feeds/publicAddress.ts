/**
 * A network address → whether a feed may use it. The owner of a feed must not make PAM send requests inside its own
 * network.
 */
import { type LookupAddress, type LookupAllOptions, lookup as systemLookup } from 'node:dns';
import { isIP } from 'node:net';
import { parse, parseCIDR } from 'ipaddr.js';
import { PamError } from '../../core/errors';
import { refusal } from '../../core/policy/refusals';
import { isPublicAddress } from './addressRange';

export { isPublicAddress };

/**
 * Private networks that may be used, such as `10.1.0.0/16`; null = any of them, for a person who reads a feed on their own
 * machine; empty = none.
 */
export type PrivateNetworks = readonly string[] | null;

function isAllowed(address: string, networks: PrivateNetworks): boolean {
  if (networks === null || isPublicAddress(address)) return true;
  const parsed = mappedTo4(address);
  return networks.some((network) => {
    const [base, bits] = parseCIDR(network);
    return base.kind() === parsed.kind() && parsed.match(base, bits);
  });
}

/** `::ffff:10.0.0.1` is 10.0.0.1. */
function mappedTo4(address: string) {
  const parsed = parse(address) as ReturnType<typeof parse> & {
    isIPv4MappedAddress?(): boolean;
    toIPv4Address(): ReturnType<typeof parse>;
  };
  return parsed.isIPv4MappedAddress?.() ? parsed.toIPv4Address() : parsed;
}

function refused(host: string, address: string, networks: PrivateNetworks): PamError {
  const place = host === address ? address : `${host} (${address})`;
  return new PamError(
    'DENIED',
    networks !== null && networks.length > 0
      ? refusal(
          `${place} is in none of the private networks that feeds may be in: ${networks.join(', ')}`,
          'feeds.networks',
        )
      : `${place} is in a private, loopback or link-local network: a feed may use it only with "allowPrivate": true, and where policy.feeds.networks in pam.yaml on the worker's machine lists the network`,
  );
}

/** Throws PamError DENIED for a host that is written as an address outside the allowed networks. */
export function checkLiteral(host: string, networks: PrivateNetworks): void {
  const bare = host.replace(/^\[|\]$/g, '');
  if (isIP(bare) !== 0 && !isAllowed(bare, networks)) throw refused(bare, bare, networks);
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
export const lookupWithin =
  (networks: PrivateNetworks) =>
  (host: string, options: { readonly all?: boolean | undefined }, done: LookupDone): void => {
    systemLookup(host, { ...options, all: true } as LookupAllOptions, (error, addresses) => {
      if (error !== null) return done(error, []);
      const inside = addresses.find(({ address }) => !isAllowed(address, networks));
      if (inside !== undefined) return done(refused(host, inside.address, networks), []);
      if (options.all) return done(null, addresses);
      const [first] = addresses;
      done(null, first?.address ?? '', first?.family);
    });
  };
