/** The description of an installation → a table for people; what is wrong stands below it. */
import type { InstallationDescription } from '../../installation/describeInstallation';
import { table } from '../text/table';
import { lasting } from '../text/time';

export function statusTable(description: InstallationDescription, nowMs = Date.now()): string {
  const { parts, nodes, suspendedNodes, temporalUi, entry, logs, stateDir } = description;
  if (parts.length === 0) return `nothing was started from ${stateDir} yet: run "pam up"\n`;
  const rows = [
    ['PART', 'STATE', 'PID', 'WHERE'],
    ...parts.map(({ name, state, kind, address, pid }) => [
      name,
      kind === 'existing' ? `${state} (existing)` : state,
      pid === null ? '-' : String(pid),
      address ?? '-',
    ]),
    [
      'nodes',
      suspendedNodes > 0 ? `${suspendedNodes} hanging` : nodes > 0 ? 'up' : '-',
      '-',
      `${nodes} process${nodes === 1 ? '' : 'es'}`,
    ],
  ];
  const troubles = parts.flatMap(({ name, state, why, sinceMs, log }) => {
    if (state === 'up') return [];
    const since = sinceMs === null ? '' : `, seen first ${lasting(nowMs - sinceMs)} ago`;
    return [`${name}: ${state}${since}: ${why ?? 'no reason known'}${log === null ? '' : `; log: ${log}`}`];
  });
  const facts = [
    `requests enter at  ${entry ?? '-'}`,
    `Temporal UI        ${temporalUi ?? '(of the existing server)'}`,
    `logs               ${logs}`,
  ];
  const below = troubles.length === 0 ? [] : ['', ...troubles];
  return `${[...table(rows, Number.POSITIVE_INFINITY), ...below, '', ...facts].join('\n')}\n`;
}
