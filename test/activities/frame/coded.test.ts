/** What an activity throws reaches Temporal without secrets, causes included, and with its code. */
import { ApplicationFailure } from '@temporalio/activity';
import { coded } from '../../../activities/frame/coded';
import { PamError } from '../../../core/errors';

const address = 'postgres://pam:s3cret@db/pam';

async function thrownBy(error: unknown): Promise<Error & { cause?: Error }> {
  return coded(async () => {
    throw error;
  })(null).catch((thrown: Error) => thrown) as Promise<Error & { cause?: Error }>;
}

test('an error with a code keeps it; message and causes are redacted', async () => {
  const inner = new Error(`connect ${address}`, { cause: new Error('https://h/?sig=s3cret') });
  const failure = await thrownBy(new PamError('DENIED', `refused by ${address}`, { cause: inner }));
  expect(failure).toBeInstanceOf(ApplicationFailure);
  expect(failure).toMatchObject({ type: 'DENIED', nonRetryable: true });
  for (let one: Error | undefined = failure; one !== undefined; one = one.cause as Error | undefined) {
    expect(one.message).not.toContain('s3cret');
    expect(one.stack).not.toContain('s3cret');
  }
  expect(failure.cause?.cause).toMatchObject({ message: 'https://h/?sig=***' });
});

test('any other error stays what it is, without its secrets', async () => {
  const thrown = new TypeError(`no ${address}`);
  const passed = await thrownBy(thrown);
  expect(passed).toBe(thrown);
  expect(`${passed.message} ${passed.stack}`).not.toContain('s3cret');
  expect(await thrownBy('just text')).toBe('just text');
});
