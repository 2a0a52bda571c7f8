/**
 * Which machine this is, in the sense that matters for a process: a pid means the same here as there. Two boots of a host
 * are two machines, and so are two containers with process ids of their own.
 */
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

function textOf(read: () => string): string {
  try {
    return read().trim();
  } catch {
    return '';
  }
}

export function thisMachine(): string {
  const host = textOf(() => readFileSync('/etc/machine-id', 'utf8')) || hostname();
  const boot = textOf(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'));
  const processes = textOf(() => readlinkSync('/proc/self/ns/pid'));
  return createHash('sha256').update([host, boot, processes].join('\n')).digest('hex').slice(0, 16);
}
