/** The description of an installation → a table for people. */
import type { InstallationDescription } from '../../installation/describeInstallation';
import { table } from '../text/table';

export function statusTable(description: InstallationDescription): string {
  const { parts, nodes, temporalUi, entry, logs, stateDir } = description;
  if (parts.length === 0) return `nothing was started from ${stateDir} yet: run "pam up"\n`;
  const rows = [
    ['PART', 'STATE', 'PID', 'WHERE'],
    ...parts.map(({ name, state, kind, address, pid }) => [
      name,
      kind === 'existing' ? `${state} (existing)` : state,
      pid === null ? '-' : String(pid),
      address ?? '-',
    ]),
    ['nodes', nodes > 0 ? 'up' : '-', '-', `${nodes} process${nodes === 1 ? '' : 'es'}`],
  ];
  const facts = [
    `requests enter at  ${entry ?? '-'}`,
    `Temporal UI        ${temporalUi ?? '(of the existing server)'}`,
    `logs               ${logs}`,
  ];
  return `${[...table(rows, Number.POSITIVE_INFINITY), '', ...facts].join('\n')}\n`;
}
