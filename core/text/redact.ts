/**
 * Anything printable → the same without secrets. The one redaction of logs, errors, failures in Temporal, stored feed
 * errors and everything that `pam` prints: names of secrets in addresses, settings, headers and JSON, and values whose
 * shape says that they are secrets. Every pattern is bounded, so that it is linear on any text.
 */
import { isSecretName, isSecretParameter } from './secretNames';

const stars = '***';

/** Replaces secrets in a text: a message, a line of a log, a whole output. */
export function redactText(text: string): string {
  let shown = text;
  for (const [pattern, replace] of rules) shown = shown.replace(pattern, replace as never);
  return shown;
}

/** The same for a value: strings are redacted, and whatever stands under the name of a secret is left out. */
export function redact<T>(value: T, depth = 0): T {
  if (typeof value === 'string') return redactText(value) as T;
  if (depth > 20 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => redact(one, depth + 1)) as T;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      isSecretName(name) && (typeof inner === 'string' || typeof inner === 'number')
        ? stars
        : redact(inner, depth + 1),
    ]),
  ) as T;
}

type Rule = readonly [RegExp, string | ((...found: string[]) => string)];

/** In this order: the wider pattern first, so that a narrower one does not leave half of a secret. */
const rules: readonly Rule[] = [
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]{0,20000}(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?/g, stars],
  // Databases' passwords are often not encoded: everything up to the last @ of the word.
  [
    /\b(postgres|postgresql|mysql|mariadb|mongodb|mongodb\+srv|redis|rediss|amqp|amqps):\/\/([^\s:@/"']{0,128}):[^\s"'<>]{0,512}@/gi,
    `$1://$2:${stars}@`,
  ],
  // Elsewhere up to the first slash, unless what follows the colon can't be a port.
  [/:\/\/([^\s:/?#@"']{0,128}):[^\s/?#"'<>]{0,512}@/g, `://$1:${stars}@`],
  [/:\/\/([^\s:/?#@"']{0,128}):(?!\d{1,5}[/?#])[^\s"'<>]{1,512}@/g, `://$1:${stars}@`],
  // A user without a password is a token where the address is one of the web.
  [/\b(https?):\/\/[^\s:/?#@"']{1,512}@/gi, `$1://${stars}@`],
  // Parameters of an address; also of its fragment, and of a body of a form.
  [
    /([?&;#])((?:[\w.~$[\]-]|%[0-9a-f]{2}){1,64})=([^&;#\s"'<>\\]{1,4096})/gi,
    (all, before, name) => (isSecretParameter(name!) ? `${before}${name}=${stars}` : all!),
  ],
  [
    /\b(authorization|cookie|set-cookie)(\s{0,4}[:=]\s{0,4})(?![\s"'\\])(?:=\\?"[^"\\\r\n]{0,4096}\\?"|[^\r\n"'\\]){1,8192}/gi,
    `$1$2${stars}`,
  ],
  [
    /\b(bearer|basic|digest|negotiate|apikey|sharedaccesssignature|aws4-hmac-sha256)( {1,4})(?=\S{0,400}[\d=._+/~-])[\w.~+/=&%-]{8,8192}/gi,
    `$1$2${stars}`,
  ],
  // name: "value", name = 'value', and the same inside of a text within JSON, where quotes are escaped.
  [
    /(?<![\w.-])([\w.-]{2,128})(\\?["']?\s{0,4}(?:=>|[:=])\s{0,4})(\\")((?:[^"\\]|\\[^"]){0,8192})(\\")/g,
    (all, name, between, open, _value, close) =>
      isSecretName(name!) ? `${name}${between}${open}${stars}${close}` : all!,
  ],
  [
    /(?<![\w.-])([\w.-]{2,128})(["']?\s{0,4}(?:=>|[:=])\s{0,4})("(?:[^"\\]|\\.){0,8192}"|'(?:[^'\\]|\\.){0,8192}')/g,
    (all, name, between, value) =>
      isSecretName(name!) && value !== '""' && value !== "''"
        ? `${name}${between}${value![0]}${stars}${value![0]}`
        : all!,
  ],
  // NAME=value of an environment, name: value of YAML, a keyword of a connection string.
  [
    /(?<![\w.-])([\w.-]{2,128})(["']?(?:=|\s{0,4}:\s{1,4}|\s=\s))(?!["'\\])([^\s"',;&<>{}()[\]]{1,8192})/g,
    (all, name, between, value) =>
      isSecretName(name!) && !isWord(value!) ? `${name}${between}${stars}` : all!,
  ],
  // Values that say by themselves what they are.
  [/\beyJ[\w-]{8,4096}\.[\w-]{8,8192}(?:\.[\w-]{0,2048})?/g, stars],
  [/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, stars],
  [
    /\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|sk_live_|rk_live_|sk-|npm_|pypi-|AIza|hvs\.)[\w-]{16,512}/g,
    stars,
  ],
];

/** PAM's own messages name a variable and say what it should be; YAML has nothing. */
function isWord(value: string): boolean {
  return /^(?:\*+|~|null|true|false|none|undefined|expected|missing|must|is|not|no|unset|required|set|invalid|wrong)$/i.test(
    value,
  );
}
