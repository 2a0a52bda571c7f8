/** Where proxies reach discovery, for settings of all kinds. */
import { discoveryAddress } from '../../config/discoveryAddress';
import { configSchema } from '../../config/schema';

const addressOf = (settings: object): string => discoveryAddress(configSchema.parse(settings));

test('the socket lies in the state folder', () => {
  expect(addressOf({ stateDir: '/srv/pam' })).toBe('unix:/srv/pam/discovery/xds.sock');
});

test('a state folder too deep for a socket has one elsewhere, always the same, of its own', () => {
  const deep = (name: string) => `/srv/${'deep/'.repeat(30)}${name}`;
  const address = addressOf({ stateDir: deep('one') });
  expect(Buffer.byteLength(address.slice('unix:'.length))).toBeLessThanOrEqual(103);
  expect(addressOf({ stateDir: deep('one') })).toBe(address);
  expect(addressOf({ stateDir: deep('two') })).not.toBe(address);
});

test('a socket that was asked for is taken or refused, never moved', () => {
  expect(addressOf({ discovery: { listen: 'unix:/run/pam/xds.sock' } })).toBe('unix:/run/pam/xds.sock');
  expect(() => addressOf({ discovery: { listen: `unix:/run/${'x'.repeat(120)}` } })).toThrow('103 bytes');
});
