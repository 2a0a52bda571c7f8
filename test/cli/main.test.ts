import { commands, explainFailure, runCommandLine } from '../../cli/main';
import { errorCatalogue, PamError } from '../../core/errors';

async function run(...args: string[]): Promise<{ code: number; out: string; complaint: string }> {
  const out = jest.spyOn(console, 'log').mockImplementation();
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  const complaint = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    const code = await runCommandLine(args);
    return {
      code,
      out: [...out.mock.calls, ...write.mock.calls].join('\n'),
      complaint: complaint.mock.calls.join('\n'),
    };
  } finally {
    jest.restoreAllMocks();
  }
}

test('help lists every command and teaches every exit code of the catalogue', async () => {
  const { code, out } = await run('--help');
  expect(code).toBe(0);
  for (const { name } of commands) expect(out).toContain(`pam ${name}`);
  for (const { exitCode } of Object.values(errorCatalogue))
    expect(out).toMatch(new RegExp(`^\\s+${exitCode}  `, 'm'));
});

test.each([[['confg']], [[]], [['config', '--jsn']], [['config', 'surplus']], [['--config']]])(
  'a wrong call %j is answered with 64 and where to look',
  async (args) => {
    const { code, complaint } = await run(...args);
    expect(code).toBe(64);
    expect(complaint).toMatch(/See: pam (config )?--help/);
    expect(complaint).not.toMatch(/ at .*:\d+:\d+/);
  },
);

test('an error with a code is its message and its exit code', async () => {
  expect(explainFailure(new PamError('DENIED', 'no entry'), [])).toEqual({
    message: 'pam: no entry',
    exitCode: 77,
  });
  expect((await run('config', '--config', '/nowhere.yaml')).code).toBe(66);
});

test('a fault shows its stack only when asked for', () => {
  const before = process.env.PAM_LOG_LEVEL;
  try {
    delete process.env.PAM_LOG_LEVEL;
    const quiet = explainFailure(new TypeError('x is undefined'), []);
    expect(quiet).toMatchObject({ exitCode: 70, message: expect.stringContaining('PAM_LOG_LEVEL=debug') });
    expect(quiet.message).not.toMatch(/main\.test/);
    process.env.PAM_LOG_LEVEL = 'debug';
    expect(explainFailure(new TypeError('x is undefined'), []).message).toMatch(/main\.test/);
  } finally {
    if (before === undefined) delete process.env.PAM_LOG_LEVEL;
    else process.env.PAM_LOG_LEVEL = before;
  }
});
