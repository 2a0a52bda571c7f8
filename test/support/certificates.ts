/** A folder → a CA and what it has signed, for servers and clients of tests. Made with openssl in a second. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Signed {
  readonly cert: string;
  readonly key: string;
}

export interface TestAuthority {
  /** File of the CA's certificate. */
  readonly ca: string;
  /** Files of a new certificate for these hosts or, without one, for a client of that name. */
  sign(name: string, hosts?: readonly string[]): Signed;
}

const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

export function testAuthority(folder: string, name: string): TestAuthority {
  const at = (file: string) => join(folder, `${name}-${file}`);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [ca, caKey] = [at('ca.pem'), at('ca-key.pem')];
  openssl('req', '-x509', ...curve, '-days', '2', '-subj', `/CN=${name}`, '-keyout', caKey, '-out', ca);
  return {
    ca,
    sign(subject, hosts = []) {
      const [cert, key, request, extensions] = ['pem', 'key.pem', 'csr', 'ext'].map((end) =>
        at(`${subject}.${end}`),
      ) as [string, string, string, string];
      const names = hosts.map((host) => (/^[\d.]+$/.test(host) ? `IP:${host}` : `DNS:${host}`));
      writeFileSync(
        extensions,
        hosts.length > 0
          ? `subjectAltName=${names.join(',')}\nextendedKeyUsage=serverAuth\n`
          : 'extendedKeyUsage=clientAuth\n',
      );
      openssl('req', '-new', ...curve, '-subj', `/CN=${subject}`, '-keyout', key, '-out', request);
      openssl(
        'x509',
        '-req',
        '-in',
        request,
        '-CA',
        ca,
        '-CAkey',
        caKey,
        '-CAcreateserial',
        '-days',
        '2',
        '-extfile',
        extensions,
        '-out',
        cert,
      );
      return { cert, key };
    },
  };
}
