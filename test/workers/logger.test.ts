/** A worker's log lines: JSON, without secrets in messages, fields, errors and their causes, without escapes. */
import { createLogger } from '../../workers/logger';

function logged(write: (logger: ReturnType<typeof createLogger>) => void): Record<string, unknown> {
  let text = '';
  write(createLogger('test', 'info', { write: (line) => (text += line) }));
  expect(text).not.toContain('s3cret');
  expect(text.trimEnd()).toMatch(/^\P{Cc}*$/u);
  return JSON.parse(text);
}

test('errors and causes', () => {
  const cause = new Error('postgres://pam:s3cret@db/pam');
  const line = logged((logger) =>
    logger.error(new Error('Authorization: Bearer s3cret1', { cause }), 'failed'),
  );
  expect(line).toMatchObject({ msg: 'failed', err: { cause: { message: 'postgres://pam:***@db/pam' } } });
  const named = logged((logger) => logger.warn({ error: new Error('x', { cause }) }, 'also'));
  expect(named).toMatchObject({ error: { cause: { message: 'postgres://pam:***@db/pam' } } });
});

test('fields by name, texts by content, escapes made visible', () => {
  const url = 'https://h/f?api_key=s3cret';
  const line = logged((logger) =>
    logger.info({ apiKey: 's3cret', env: { PGPASSWORD: 's3cret' }, url }, 'a\u009b31m\u202eb'),
  );
  expect(line).toMatchObject({ apiKey: '***', env: { PGPASSWORD: '***' }, url: 'https://h/f?api_key=***' });
  expect(line.msg).toBe('a\u009b31m\u202eb');
});
