/** The name of a setting, parameter, header or variable → whether its value is a secret. */

/** A name that contains one of these, whatever separates its words. */
const contained =
  /passw(?:or)?d|passphrase|passwd|secret|apikey|accesskey|privatekey|signingkey|encryptionkey|sharedkey|accountkey|accesstoken|authtoken|credential|signature|authorization|connectionstring|sessionid/;

/** A name that has one of these as a word of its own: `x-vault-token`, `refreshToken`, `PGPASS`. */
const words = new Set([
  'token',
  'pwd',
  'pgpass',
  'sig',
  'sas',
  'jwt',
  'cookie',
  'bearer',
  'otp',
  'apitoken',
  'auth',
]);

/** In an address, where a name is followed by `=`, these are keys as well. */
const parameters = new Set([
  'key',
  'code',
  'pass',
  'pw',
  'hmac',
  'k',
  'access',
  'ticket',
  'assertion',
  'session',
]);

/** Of a setting, header, variable or field. */
export function isSecretName(name: string): boolean {
  const parts = wordsOf(name);
  const joined = parts.join('');
  // Names of references to a secret, not the secret: `tokenFile`, `passwordEnv`, `keyId`, `codec_token_path`.
  if (/^(?:file|path|env|id|from|name|type|expiry|expires|ms)$/.test(parts.at(-1) ?? '') && parts.length > 1)
    return /sessionid|accesskeyid/.test(joined);
  return (
    contained.test(joined) ||
    parts.some((part) => words.has(part)) ||
    // STRIPE_KEY, DEPLOY_KEY: variables are written in capitals.
    (/^[A-Z][A-Z0-9_]+_KEY(?:_\w+)?$/.test(name) && !/PUBLIC/.test(name))
  );
}

/** Of a parameter of an address. */
export function isSecretParameter(written: string): boolean {
  const name = decoded(written);
  return isSecretName(name) || wordsOf(name).some((part) => parameters.has(part));
}

/** `X-Amz-Signature`, `apiKey`, `api_key` → their words in lower case. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((part) => part !== '');
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
