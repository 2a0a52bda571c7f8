/** What a TLS connection failed with → the cause in words and what would be right; null if it is no matter of TLS. */
import { codeOf, messageOf } from './thrown';

/** Codes of OpenSSL and of Node, in the order of their verification. */
const causes: Readonly<Record<string, string>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'no CA that is trusted here has signed its certificate',
  UNABLE_TO_GET_ISSUER_CERT: 'no CA that is trusted here has signed its certificate',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'no CA that is trusted here has signed its certificate',
  SELF_SIGNED_CERT_IN_CHAIN: 'no CA that is trusted here has signed its certificate',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself and not trusted here',
  CERT_SIGNATURE_FAILURE: 'the trusted CA has the name of its issuer, and another key',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  CERT_REVOKED: 'its certificate was revoked',
  INVALID_CA: 'a CA in its chain may not sign certificates',
  INVALID_PURPOSE: 'its certificate is not one for servers',
};

const alerts: readonly (readonly [RegExp, string])[] = [
  [
    /certificate[ _]required|peer did not return a certificate|requires a valid client certificate/i,
    'it demands a client certificate, and none was given',
  ],
  [/alert unknown ca|unknown_ca|alert number 48/i, 'it does not trust the CA of the client certificate'],
  [/bad certificate|alert number 42/i, 'it refuses the client certificate'],
  [/certificate expired|alert number 45/i, 'the client certificate has expired'],
  [/certificate unknown|certificate revoked|unsupported certificate/i, 'it refuses the client certificate'],
  [/wrong version number|packet length too long|http request/i, 'it does not speak TLS'],
  [/does not support SSL/i, 'it does not speak TLS'],
  [/no start line|PEM routines|ERR_OSSL_PEM/i, 'a certificate or key file is not PEM'],
  [/key values mismatch/i, 'the client certificate and the key do not belong together'],
  [
    /handshake failure|alert number 40|no shared cipher|unsupported protocol/i,
    'no TLS version or cipher is common to both',
  ],
];

export function describeTlsFailure(error: unknown): string | null {
  const code = codeOf(error);
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const names = /altnames?: (.*)$/i.exec(messageOf(error))?.[1];
    return `its certificate is for another host${names === undefined ? '' : `: ${names}`}`;
  }
  const cause = causes[code];
  if (cause !== undefined) return cause;
  const message = `${code} ${messageOf(error)}`;
  return alerts.find(([pattern]) => pattern.test(message))?.[1] ?? null;
}
