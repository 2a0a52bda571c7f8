/** The settings → where discovery keeps its files and where proxies reach it. */
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PamError } from '../core/errors';
import type { Config } from './schema';

type DiscoverySettings = Pick<Config, 'discovery' | 'stateDir'>;

/** What the kernel takes as the path of a socket, bytes. */
const longestSocketPath = 103;

export const discoveryFolder = ({ discovery, stateDir }: DiscoverySettings): string =>
  resolve(discovery.dir ?? join(stateDir, 'discovery'));

/** In the folder; where its path is too long for a socket, in a folder of this user's among the temporary ones. */
function defaultSocket(folder: string): string {
  const path = join(folder, 'xds.sock');
  if (Buffer.byteLength(path) <= longestSocketPath) return path;
  const short = createHash('sha256').update(folder).digest('hex').slice(0, 12);
  return join(tmpdir(), `pam-${process.getuid?.() ?? 0}-${short}`, 'xds.sock');
}

/**
 * `unix:/path` or `host:port`.
 * @throws PamError INVALID_CONFIG if a path is too long, or an address that others may reach has no TLS.
 */
export function discoveryAddress(config: DiscoverySettings): string {
  const { listen, tls } = config.discovery;
  const address = listen ?? `unix:${defaultSocket(discoveryFolder(config))}`;
  if (address.startsWith('unix:')) {
    const path = resolve(address.slice('unix:'.length));
    if (Buffer.byteLength(path) > longestSocketPath)
      throw new PamError(
        'INVALID_CONFIG',
        `PAM_DISCOVERY_LISTEN (discovery.listen): a socket at ${path} has more than ${longestSocketPath} bytes: set it to a shorter path, such as unix:/run/pam/xds.sock, or to a loopback address`,
      );
    return `unix:${path}`;
  }
  if (tls === undefined && !/^(127\.[\d.]+|localhost|\[::1\]):\d+$/.test(address))
    throw new PamError(
      'INVALID_CONFIG',
      `PAM_DISCOVERY_LISTEN (discovery.listen) ${address} is not of this machine: set discovery.tls too, with the files ca, cert and key, or listen at a socket or a loopback address`,
    );
  return address;
}
