/** How the doctor looks: twice, at what can be reached, and what it says and exits with. The checks meet real servers elsewhere. */
import { check, type Difference, type DoctorWorld } from '../../../cli/doctor/check';
import { clock } from '../../../cli/doctor/checks/clock';
import { examinationCode, examinationText } from '../../../cli/doctor/examinationText';
import { examine } from '../../../cli/doctor/examine';

const world = (change: object = {}): DoctorWorld => ({
  ...{ stateDir: '/nowhere', installation: null, database: null, temporal: null, routing: null },
  ...{ missing: { database: 'connect ECONNREFUSED' }, now: () => 1_000_000, start: async () => undefined },
  ...change,
});
const difference = (what: string, repair: Difference['repair'] = null): Difference => ({
  ...{ what, affects: 'something', todo: 'mend it', repair },
});
const options = { repair: false, againMs: 1 };

test('what is gone at the second look was a change under way', async () => {
  let looks = 0;
  const passing = check('passing', 'a with b', [], async () =>
    ++looks === 1 ? [difference('stays'), difference('passes')] : [difference('stays'), difference('comes')],
  );
  const found = await examine(world(), [passing], options);
  expect(found.findings.map(({ what }) => what)).toEqual(['stays']);
  expect(looks).toBe(2);
  expect(examinationCode(found)).toBe(1);
  expect(examinationText(found)).toEqual([
    ...['passing: stays', '  affects:  something', '  to do:    mend it', ''],
    '1 of 1 checks looked, 1 difference',
  ]);
});

test('what can’t be reached is said, and the others look: 2, or 1 if they find something', async () => {
  const needy = check('rows', 'a with b', ['database'], async () => []);
  const broken = check('files', 'c with d', [], async () => {
    throw new Error('outer', { cause: new Error('EACCES: permission denied') });
  });
  const healthy = check('parts', 'e with f', [], async () => []);
  const unseen = await examine(world(), [needy, broken, healthy], options);
  expect(examinationCode(unseen)).toBe(2);
  expect(examinationText(unseen)).toEqual([
    'could not look at rows (a with b): connect ECONNREFUSED',
    'could not look at files (c with d): outer: EACCES: permission denied',
    '1 of 3 checks looked, nothing is wrong',
  ]);
  const sick = check('parts', 'e with f', [], async () => [difference('x')]);
  expect(examinationCode(await examine(world(), [needy, sick], options))).toBe(1);
  expect(examinationCode(await examine(world(), [healthy], options))).toBe(0);
});

test('repairs run in order; what was repaired is no longer wrong, what could not be says why', async () => {
  const done: string[] = [];
  const mends = (name: string) =>
    check(name, '', [], async () => [
      difference(`of ${name}`, async () => {
        done.push(name);
        return 'done';
      }),
    ]);
  const found = await examine(world(), [mends('a'), mends('b')], { ...options, repair: true });
  expect(done).toEqual(['a', 'b']);
  expect(examinationCode(found)).toBe(0);
  expect(examinationText(found).at(-1)).toBe('2 of 2 checks looked, 2 differences repaired, none is left');
  const fails = check('c', '', [], async () => [difference('of c', () => Promise.reject(new Error('no')))]);
  const failed = await examine(world(), [fails], { ...options, repair: true });
  expect(examinationCode(failed)).toBe(1);
  expect(examinationText(failed)[2]).toBe('  repair failed: no; mend it');
});

test.each([
  [0, []],
  [1_500, []],
  [90_000, ["the database's clock is 90 s ahead of this machine's"]],
  [-600_000, ["the database's clock is 10 min behind this machine's"]],
])('clocks that differ by %i ms', async (skewMs, expected) => {
  const database = { survey: { clockMs: async () => 1_000_000 + skewMs } };
  expect((await clock.look(world({ database }))).map(({ what }) => what)).toEqual(expected);
});
