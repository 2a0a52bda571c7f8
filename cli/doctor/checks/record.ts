/** `run.json` says what runs by its mark. */
import { readRunFile, runFile, writeInstallation } from '../../../installation/installation';
import { recallInstallation } from '../../../installation/recallInstallation';
import { withStateLock } from '../../../installation/stateLock';
import { check } from '../check';

export const record = check('record', 'run.json with the processes that run', [], async ({ stateDir }) => {
  const { installation: recorded, damage } = readRunFile(stateDir);
  const recalled = recallInstallation(stateDir, recorded)?.installation ?? null;
  const runs = recalled?.processes ?? [];
  const has = (list: readonly { pid: number }[], pid: number) => list.some((one) => one.pid === pid);
  const gone = recorded?.processes.filter(({ pid }) => !has(runs, pid)) ?? [];
  const unrecorded = runs.filter(({ pid }) => !has(recorded?.processes ?? [], pid));
  const what = [
    ...(damage === null ? [] : [`it is damaged (${damage})`]),
    ...(damage === null && recorded === null && recalled !== null ? ['it is missing'] : []),
    ...gone.map(({ name, pid }) => `its ${name} (pid ${pid}) is not one of this installation`),
    ...(recorded === null ? [] : unrecorded.map(({ name, pid }) => `${name} (pid ${pid}) is not in it`)),
  ].join(', ');
  if (what === '') return [];
  return [
    {
      what: `${runFile(stateDir)}: ${what}`,
      affects: 'nothing while all runs: processes are found by their mark; the ports of the next start',
      todo: 'run "pam up", which writes it again',
      repair: async () => {
        if (recalled === null) return 'nothing runs: the next "pam up" writes it';
        await withStateLock(stateDir, async () => writeInstallation(recalled));
        return 'it was written again from what runs';
      },
    },
  ];
});
