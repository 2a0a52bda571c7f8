/** `pam report`: what is missing or wrong in its folders is said with the place and what would be right. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommandLine } from '../../../cli/main';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pam-report-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function report(...args: string[]): Promise<{ code: number; complaint: string }> {
  let complaint = '';
  const written = jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    complaint += text;
    return true;
  });
  try {
    return { code: await runCommandLine(['report', ...args, '--out', join(folder, 'page.html')]), complaint };
  } finally {
    written.mockRestore();
  }
}

test('no folder, a folder without a scorecard, one that is no scorecard, one of another version', async () => {
  const missing = await report(join(folder, 'nowhere'));
  expect(missing).toMatchObject({ code: 66 });
  expect(missing.complaint).toMatch(
    /nowhere does not exist; expected a folder that "pam simulate --out" wrote/,
  );

  const empty = join(folder, 'empty');
  mkdirSync(empty);
  const without = await report(empty);
  expect(without).toMatchObject({ code: 66 });
  expect(without.complaint).toMatch(/empty has no scorecard\.json.* "pam simulate --out" writes it last/);

  const other = join(folder, 'scorecard.json');
  writeFileSync(other, '{"version": 9}');
  for (const place of [folder, other]) {
    const refused = await report(place);
    expect(refused).toMatchObject({ code: 65 });
    expect(refused.complaint).toMatch(
      /scorecard\.json is a scorecard of version 9; this pam reads version 1/,
    );
  }
});
