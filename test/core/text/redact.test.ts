import fc from 'fast-check';
import { redact, redactText } from '../../../core/text/redact';
import { isSecretName } from '../../../core/text/secretNames';

test.each([
  'postgres://pam:§@db.example.com:5432/pam?sslmode=require',
  'could not connect to postgresql://pam:§/§#1@db/pam: timeout',
  'https://user:§@example.org/feed.ics',
  'https://§@example.org/feed.ics',
  'GET https://h/feed.ics?api_key=§&x=1',
  'https://h/f?x=1&sig=§',
  'https://h/f?access_token=§#a',
  'https://h/f#id_token=§',
  'https://b.s3.amazonaws.com/f?X-Amz-Algorithm=AWS4&X-Amz-Credential=§&X-Amz-Date=1',
  'https://b/f?X-Amz-Signature=§',
  'https://b/f?X-Amz-Security-Token=§',
  'https://b/f?sv=1&se=2&sig=§',
  'https://b/f?key=§',
  'https://b/f?code=§',
  'https://b/f?pass=§;b=1',
  'https://b/f?api%5Fkey=§',
  'https://b/f?a=1&amp;token=§',
  'https://b/f?auth[token]=§',
  'Authorization: Bearer §',
  'authorization: Basic §',
  'authorization: Token token="§"',
  '{"headers":{"Authorization":"Bearer §"}}',
  "{ headers: { 'x-api-key': '§' } }",
  'Cookie: session=§; b=§',
  'SharedAccessSignature sr=x&sig=§&se=1',
  'Endpoint=sb://x/;SharedAccessKeyName=Root;SharedAccessKey=§',
  'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=§',
  'host=db user=pam password=§ dbname=pam',
  "host=db password='§' dbname=pam",
  'PGPASSWORD=§\nHOME=/root',
  'AWS_SECRET_ACCESS_KEY=§',
  'AWS_SESSION_TOKEN=§',
  'STRIPE_KEY=§',
  'TEMPORAL_API_KEY=§',
  'PAM_WEBHOOK_TOKEN=§',
  'client_secret: §',
  'password: §',
  '"refreshToken": "§"',
  '{"msg":"failed: {\\"password\\":\\"§\\"}"}',
  'token = §',
])('of %j the secret is not shown, and the rest is', (text) => {
  const values = [
    'hunter2S3CRETxy',
    'hunter2-S3CRET.x+y',
    ...(text.includes('user:§@') ? ['hunter2/S3CRET'] : []),
  ];
  for (const value of values) {
    const shown = redactText(text.replaceAll('§', value));
    expect(shown).not.toMatch(/hunter2|S3CRET/);
    expect(shown).toContain('***');
    expect(shown.startsWith(/^\W*\w+/.exec(text)?.[0] ?? '')).toBe(true);
  }
});

test.each([
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U',
  'AKIAIOSFODNN7EXAMPLE',
  'ghp_0123456789abcdefghijABCDEFGHIJ012345',
  'xoxb-1234567890-abcdefghijklmnop',
  '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----',
])('%j says by itself what it is', (value) => expect(redactText(`got ${value} back`)).toBe('got *** back'));

test.each([
  'PAM_WEBHOOK_TOKEN: expected the token that callers must send',
  'password authentication failed for user "pam" (SQLSTATE 28P01); check the user and password in DATABASE_URL',
  'could not read the feed: https://example.org:8080/feed.ics?page=2&sort=up answers 404',
  'checkout: 3 nodes planned, code: INVALID_INPUT',
  'key: value, monkey=banana, sort key = time',
  '{"category":"checkout","code":"DENIED","nodes":4,"keyId":"2026-11","tokenFile":"/etc/token"}',
  'http://127.0.0.1:8233/namespaces/default/workflows/category:checkout',
  'mail ann@example.org or visit https://example.org/@ann',
  'basic settings, a bearer of news, tokens: 5 a minute',
])('%j is no secret', (text) => expect(redactText(text)).toBe(text));

test('objects: by name and in texts, at any depth', () => {
  const shown = redact({
    a: [{ password: 's3cret', user: 'ann' }],
    b: { apiKey: 's3cret', url: 'postgres://a:s3cret@h/d', port: 5432 },
    passwordFile: '/etc/pam/password',
  });
  expect(JSON.stringify(shown)).not.toContain('s3cret');
  expect(shown).toMatchObject({ a: [{ user: 'ann' }], b: { port: 5432 }, passwordFile: '/etc/pam/password' });
});

test('JSON stays JSON, and a planted secret never comes through, whatever surrounds it', () => {
  const name = fc.constantFrom('password', 'api_key', 'accessToken', 'client-secret', 'X-Amz-Signature');
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), name, fc.string({ maxLength: 60 }), (before, key, after) => {
      const json = JSON.stringify({
        before,
        [key]: 'pl4nted-s3cret',
        inner: { [key]: 'pl4nted-s3cret' },
        after,
      });
      const shown = redactText(json);
      expect(shown).not.toContain('pl4nted');
      expect(() => JSON.parse(shown)).not.toThrow();
    }),
    { numRuns: 500 },
  );
});

test('any text of 200 kB is redacted in linear time', () => {
  for (const piece of [
    'a',
    'a:',
    '://',
    ':"',
    '=\\"',
    'token=',
    '-',
    '?a',
    'eyJaaaaaaaa.',
    'bearer ',
    'postgres://a:',
    '%41',
    '&;',
    "x='",
  ]) {
    // Processor time: how busy the machine is makes no difference.
    const before = process.cpuUsage();
    redactText(piece.repeat(Math.ceil(200_000 / piece.length)));
    expect({ piece, quick: process.cpuUsage(before).user < 1_500_000 }).toEqual({ piece, quick: true });
  }
});

test.each([
  ['pageToken', true],
  ['keyId', false],
  ['tokens', false],
  ['passwordFile', false],
  ['AWS_ACCESS_KEY_ID', true],
  ['monkey', false],
  ['authority', false],
])('the name %s: %s', (name, is) => expect(isSecretName(name)).toBe(is));
