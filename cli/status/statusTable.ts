/** The description of an installation enters, a table for people leaves. */
import type { InstallationDescription } from '../../installation/describeInstallation';

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
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)) + 2);
  const table = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(''));
  const facts = [
    `requests enter at  ${entry ?? '-'}`,
    `Temporal UI        ${temporalUi ?? '(of the existing server)'}`,
    `logs               ${logs}`,
  ];
  return `${[...table, '', ...facts].map((line) => line.trimEnd()).join('\n')}\n`;
}
