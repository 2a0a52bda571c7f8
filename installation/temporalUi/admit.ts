/**
 * A request's method and headers → why it is not let through to Temporal's UI, or null. The UI forwards what it gets to the
 * server, without a login. A web page may send requests to this machine too, under its own name (another Origin) or after
 * its name has been made to mean this machine (another Host, "DNS rebinding").
 */
export interface AskedOf {
  readonly method: string;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
}

/** Names of this machine that no one else can have: a name server does not answer for them. */
const ownName = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i;

export function refusalOf({ method, rawHeaders }: AskedOf): string | null {
  const values = (name: string): string[] =>
    rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name);
  const hosts = values('host');
  const [host = ''] = hosts;
  if (hosts.length !== 1 || !ownName.test(host)) return 'Host: expected localhost or 127.0.0.1';
  for (const origin of values('origin'))
    if (origin.toLowerCase() !== `http://${host.toLowerCase()}`)
      return 'Origin: a page from elsewhere may not use this';
  const reads = method === 'GET' || method === 'HEAD';
  const followsLink = reads && values('sec-fetch-mode').join() === 'navigate';
  for (const site of values('sec-fetch-site'))
    if (site !== 'same-origin' && site !== 'none' && !followsLink)
      return 'Sec-Fetch-Site: a page from elsewhere may not use this';
  return null;
}
