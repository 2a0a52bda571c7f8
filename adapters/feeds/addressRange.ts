/**
 * A network address → whether it is a public one, in whatever way it is written: an IPv6 address that carries an IPv4
 * address is judged by that, or refused where only a gateway could know it.
 */
import { IPv4, IPv6, parse } from 'ipaddr.js';

/** What the public internet is made of; everything else in IPv6 is local, reserved or a way into IPv4. */
const globalUnicast = IPv6.parseCIDR('2000::/3');

/** Within the public ranges, but not for the public. */
const exceptions = [
  // Teredo, ORCHID, benchmarking and other assignments to protocols.
  IPv6.parseCIDR('2001::/23'),
  IPv6.parseCIDR('2001:db8::/32'),
  // 6to4.
  IPv6.parseCIDR('2002::/16'),
  // Documentation.
  IPv6.parseCIDR('3fff::/20'),
];
/** Where a cloud's machines reach their host: Azure's is the only one with an address that looks public. */
const hostOfAMachine = IPv4.parseCIDR('168.63.129.16/32');

/** Neither private, loopback, link-local (where clouds keep credentials), shared, reserved nor multicast. */
export function isPublicAddress(address: string): boolean {
  const parsed = parse(address);
  if (parsed instanceof IPv4) return isPublic4(parsed);
  const six = parsed as IPv6;
  // `::ffff:93.184.216.34` is that IPv4 address for every system.
  if (six.isIPv4MappedAddress()) return isPublic4(six.toIPv4Address());
  return (
    six.range() === 'unicast' &&
    six.match(globalUnicast) &&
    !exceptions.some((network) => six.match(network)) &&
    !isTunnelEnd(six)
  );
}

function isPublic4(four: IPv4): boolean {
  return four.range() === 'unicast' && !four.match(hostOfAMachine);
}

/** ISATAP: an interface identifier `0:5efe` or `200:5efe`, then an IPv4 address. */
function isTunnelEnd({ parts }: IPv6): boolean {
  return parts[5] === 0x5efe && (parts[4] === 0 || parts[4] === 0x200);
}
