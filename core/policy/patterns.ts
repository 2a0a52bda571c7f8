/** The patterns that a policy lists: a name or a host, with a wildcard at one end → whether something is covered. */

/** `LOG_*` covers every name that begins with `LOG_`; `*` covers all; without a star only the same name. */
export function coversName(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

/** `*.example.com` covers every host below it, not `example.com` itself; `*` covers all; without a star only the same host. */
export function coversHost(pattern: string, host: string): boolean {
  const [wanted, given] = [pattern.toLowerCase(), host.toLowerCase().replace(/\.$/, '')];
  if (wanted === '*') return true;
  return wanted.startsWith('*.') ? given.endsWith(wanted.slice(1)) : given === wanted;
}
