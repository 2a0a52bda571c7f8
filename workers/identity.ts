/** Who holds a lease: a name of this process that no other process, no later start of it and nobody who guesses has. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

/** Host and pid are for people who read logs and `pam.leases`. */
export const processIdentity = (): string => `${hostname()}:${process.pid}:${randomUUID()}`;
