/**
 * The grammars of what ends in the proxy's configuration and in requests: paths and hosts. What these accept, the proxy
 * accepts: one category's typing mistake must not cost the others their routes.
 */
import { z } from 'zod';

/** Characters of a path by RFC 3986, without "%", "?" and "#". */
const pathLetters = /^[A-Za-z0-9._~!$&'()*+,;=:@/%-]*$/;

/** The path at which a node says that it can take requests; a query may follow. */
export const healthPath = z
  .string()
  .max(200)
  .regex(
    /^\/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*$/,
    'expected a path of at most 200 characters that starts with "/", without blanks, such as "/healthz"',
  );

/** The beginning of paths. The proxy normalizes a path before it matches, so what can't be left after that is refused. */
export const matchablePath = z
  .string()
  .max(256)
  .refine(
    (path) => path.startsWith('/') && pathLetters.test(path),
    'expected a path that starts with "/", without ?, # or blanks',
  )
  .refine(
    (path) => !/\/\/|\/\.{1,2}(\/|$)/.test(path),
    'expected a path without "//", "/./" or "/../": the proxy removes them before it matches',
  )
  .refine(
    hasPlainEscapes,
    'expected escapes such as %20 only of what a path can\'t have unescaped, and no escaped "/"',
  );

/** `%20` is fine; `%41` is `A`, `%2F` hides a slash, and `%` alone is none. */
function hasPlainEscapes(path: string): boolean {
  return [...path.matchAll(/%(.{0,2})/gs)].every(([, digits = '']) => {
    if (!/^[0-9A-Fa-f]{2}$/.test(digits)) return false;
    return !/[A-Za-z0-9._~/\\\0-]/.test(String.fromCharCode(Number.parseInt(digits, 16)));
  });
}

const isLabel = (label: string): boolean =>
  label.length <= 63 && /^[A-Za-z0-9-]+$/.test(label) && !label.startsWith('-') && !label.endsWith('-');

export const isHostName = (host: string): boolean => host.length <= 253 && host.split('.').every(isLabel);

export function isPort(text: string): boolean {
  return /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535;
}

/** `shop.example.com`, with a port if only that one is meant. */
export const hostAndPort = z
  .string()
  .max(260)
  .refine((text) => {
    const [host = '', port, more] = text.split(':');
    return isHostName(host) && (port === undefined || isPort(port)) && more === undefined;
  }, 'expected a host name, such as "shop.example.com"');

/** `10.1.2.3:8080`: the address of a server. */
export const serverAddress = z
  .string()
  .max(260)
  .refine((text) => {
    const [host = '', port = '', more] = text.split(':');
    return isHostName(host) && isPort(port) && more === undefined;
  }, 'expected host:port');
