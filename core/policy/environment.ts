/** Names of environment variables → whether a policy covers them, and whether they look like a secret. */
import { coversName } from './patterns';

/**
 * What makes a loader, an interpreter or a library run or trust something else, and what PAM itself is configured by.
 * Only their whole name allows them: whoever writes `*` does not think of these.
 */
const byNameOnly =
  /^(LD_|DYLD_|NODE_|NPM_|PYTHON|PERL|RUBY|GEM_|BUNDLE_|JAVA_|JDK_|_JAVA|DOTNET_|CORECLR_|COR_|PHP|LUA_|ERL_|GIT_|GCONV_|GLIBC_|MALLOC_|OPENSSL_|SSL_|BASH|PAM_|TEMPORAL_|PULUMI_|PG|AWS_|GOOGLE_|AZURE_|KUBE)|^(PATH|HOME|SHELL|IFS|ENV|SHELLOPTS|PS4|PROMPT_COMMAND|CLASSPATH|GOFLAGS|LOCPATH|NLSPATH|HOSTALIASES|RES_OPTIONS|LOCALDOMAIN|TMPDIR|DATABASE_URL|(HTTP|HTTPS|ALL|NO|FTP)_PROXY)$/i;

export function coversVariable(patterns: readonly string[], name: string): boolean {
  return patterns.some(
    (pattern) => pattern === name || (!byNameOnly.test(name) && coversName(pattern, name)),
  );
}

const secretWords = new Set([
  ...['PASSWORD', 'PASSWD', 'PASS', 'PWD', 'PASSPHRASE', 'TOKEN', 'TOKENS', 'SECRET', 'SECRETS'],
  ...['KEY', 'KEYS', 'APIKEY', 'CREDENTIAL', 'CREDENTIALS', 'AUTH', 'SIGNATURE', 'SIG', 'DSN', 'COOKIE'],
]);
const secretEnds = ['PASSWORD', 'PASSWD', 'TOKEN', 'SECRET', 'APIKEY', 'CREDENTIALS'];

/** `DB_PASSWORD`, `apiToken`, `STRIPE_KEY`; not `KEYBOARD`. */
export function looksSecret(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toUpperCase()
    .split('_');
  return words.some((word) => secretWords.has(word) || secretEnds.some((end) => word.endsWith(end)));
}
