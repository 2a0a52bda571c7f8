/** What a person reads of failures that others wrapped; the errors of real servers are in test/adapters and test/workflows. */
import { causeInWords } from '../../core/failures/causeInWords';

const wrapped = (message: string, cause: unknown, more: object = {}) =>
  Object.assign(new Error(message, { cause }), more);

test.each<[string, unknown, string]>([
  [
    'the last failure of an activity that ran out of time',
    wrapped(
      'Activity task timed out',
      wrapped(
        'Not enough time to schedule next retry before activity ScheduleToClose timeout, giving up retrying',
        wrapped(
          'could not read the bins in the database h:5432/pam: connection refused',
          new Error('connection refused'),
        ),
        { timeoutType: 'SCHEDULE_TO_CLOSE' },
      ),
    ),
    'could not read the bins in the database h:5432/pam: connection refused',
  ],
  [
    'a worker that was killed',
    wrapped(
      'Activity task timed out',
      wrapped('activity Heartbeat timeout', undefined, { timeoutType: 'HEARTBEAT' }),
    ),
    'the worker that did it fell silent: it was killed, hangs, or is overloaded',
  ],
  [
    'every address of a host refuses',
    Object.assign(
      new AggregateError(
        [new Error('connect ECONNREFUSED ::1:1'), new Error('connect ECONNREFUSED 127.0.0.1:1')],
        '',
      ),
    ),
    'connect ECONNREFUSED ::1:1: connect ECONNREFUSED 127.0.0.1:1',
  ],
  ['a fetch', wrapped('fetch failed', new Error('getaddrinfo ENOTFOUND x')), 'getaddrinfo ENOTFOUND x'],
  [
    'PostgreSQL, with its advice',
    Object.assign(new Error('could not extend file "base/1": No space left on device'), {
      code: '53100',
      severity: 'ERROR',
      hint: 'Check free disk space.',
    }),
    'could not extend file "base/1": No space left on device (SQLSTATE 53100; Check free disk space.)',
  ],
  [
    'a JSON text that is cut off',
    (() => {
      try {
        JSON.parse('{"a":');
      } catch (error) {
        return error;
      }
    })(),
    'a JSON text ends in its middle: what it was read from is empty or cut off',
  ],
  [
    'a command of Pulumi',
    new Error(
      'code: 255\n stdout: Refreshing (checkout)\n\n stderr: error: failed to load checkpoint: place 1: unexpected end of JSON input\n',
    ),
    'failed to load checkpoint: place 1: unexpected end of JSON input',
  ],
  ['an outer message that an inner one repeats', wrapped('a', new Error('a: because b')), 'a: because b'],
  ['no error at all', 'just text', 'just text'],
  ['nothing', undefined, 'undefined'],
  ['an error without a word', new Error(''), 'Error'],
])('%s', (_, error, expected) => {
  expect(causeInWords(error)).toBe(expected);
});

test('a chain that refers to itself ends, and a long text is cut', () => {
  const one = new Error('one');
  one.cause = wrapped('two', one);
  expect(causeInWords(one)).toBe('one: two');
  expect(causeInWords(new Error('x'.repeat(5_000))).length).toBeLessThanOrEqual(800);
});
