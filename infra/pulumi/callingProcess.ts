/**
 * A connection that was made to a port of this process → whether a process that this one has started made it, as the kernel
 * knows: of the same user, below this process in the tree of processes. Where there is no `/proc`, nobody can tell.
 */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** TCP_ESTABLISHED of the kernel's `/proc/net/tcp`. */
const established = '01';

export interface CallingSocket {
  readonly uid: number;
  readonly inode: string;
}

/** `127.0.0.1:PORT` as the kernel writes it. */
const loopback = (port: number): string => `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;

/** The other end of a connection between two loopback ports, from the text of `/proc/net/tcp`; null if it is gone. */
export function callingSocket(table: string, callingPort: number, ownPort: number): CallingSocket | null {
  for (const line of table.split('\n')) {
    // sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode
    const [, local, remote, state, , , , uid, , inode = '0'] = line.trim().split(/\s+/);
    if (local === loopback(callingPort) && remote === loopback(ownPort) && state === established)
      return inode === '0' ? null : { uid: Number(uid), inode };
  }
  return null;
}

/** Pids of all processes below `root`. */
function descendants(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // Gone meanwhile.
    }
  }
  const found: number[] = [];
  for (let next = [root]; next.length > 0; ) {
    next = next.flatMap((pid) => children.get(pid) ?? []);
    found.push(...next);
  }
  return found;
}

function holds(pid: number, inode: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((descriptor) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${descriptor}`) === `socket:[${inode}]`;
      } catch {
        return false;
      }
    });
  } catch {
    return false;
  }
}

/** A process of another user answers no; on a system without `/proc` everybody passes. */
export function calledByOwnChild(callingPort: number, ownPort: number): boolean {
  if (!existsSync('/proc/net/tcp')) return true;
  const socket = callingSocket(readFileSync('/proc/net/tcp', 'latin1'), callingPort, ownPort);
  if (socket === null || socket.uid !== process.getuid?.()) return false;
  return descendants(process.pid).some((pid) => holds(pid, socket.inode));
}
