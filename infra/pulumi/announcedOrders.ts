/**
 * What this process is about to have done by one Pulumi command → which requests to its provider are carried out: only those,
 * verbatim, once each, and only while that command runs. The provider listens on a port, where anybody may ask: the request
 * names the order, what is done is what was announced here.
 */
import { isDeepStrictEqual } from 'node:util';
import { PamError } from '../../core/errors';
import type { Properties, ResourceName } from './resourceHandler';

export interface AnnouncedResource {
  /** Type token. */
  readonly type: string;
  /** Logical name, which is also the id of what is made by it, or the id given in `id`. */
  readonly name: string;
  /** Id, where it is not the name. */
  readonly id?: string;
  /** Inputs of what is wanted; for what goes, what this process knows of it. */
  readonly properties: Properties;
}

export interface AnnouncedCommand {
  readonly stack: string;
  /** May be made and updated, with exactly these inputs. */
  readonly wanted: readonly AnnouncedResource[];
  /** May be deleted; with these properties, whatever the request says of it. */
  readonly dropped: readonly AnnouncedResource[];
}

/** What a permitted request has to do. */
export type Permission = { readonly act: true; readonly properties: Properties } | { readonly act: false };

export interface AnnouncedOrders {
  /** Permits the requests of `command` while `work` runs; one command a stack at a time. */
  during<Result>(command: AnnouncedCommand, work: () => Promise<Result>): Promise<Result>;
  /** Each throws PamError DENIED for what was not announced. */
  permitCreate(name: ResourceName, inputs: Properties): Permission;
  permitUpdate(name: ResourceName, id: string, inputs: Properties): Permission;
  permitDelete(name: ResourceName, id: string): Permission;
  /** For requests that change nothing: a command on the stack must be running. */
  permitLook(name: ResourceName): void;
}

/** As it crosses the wire: what is undefined is not there. */
const plain = (properties: Properties): unknown => JSON.parse(JSON.stringify(properties));
const same = (a: Properties, b: Properties): boolean => isDeepStrictEqual(plain(a), plain(b));
const idOf = ({ name, id }: AnnouncedResource): string => id ?? name;

export function createAnnouncedOrders(): AnnouncedOrders {
  /** By stack, with what was done of it so far. */
  const running = new Map<string, { readonly command: AnnouncedCommand; readonly done: Set<string> }>();

  const commandOn = ({ stack, type, name }: ResourceName, verb: string) => {
    const current = running.get(stack);
    if (current !== undefined) return current;
    throw denied(`${verb} ${type} "${name}"`, `no command of this process runs on the stack "${stack}"`);
  };
  const once = (done: Set<string>, verb: string, { type, name }: ResourceName): void => {
    const mark = `${verb} ${type} ${name}`;
    if (done.has(mark)) throw denied(`${verb} ${type} "${name}"`, 'this order was carried out before');
    done.add(mark);
  };
  const wantedAs = (name: ResourceName, verb: string, inputs: Properties): Permission & { act: true } => {
    const { command, done } = commandOn(name, verb);
    const found = command.wanted.find((one) => one.type === name.type && one.name === name.name);
    if (found === undefined || !same(found.properties, inputs))
      throw denied(
        `${verb} ${name.type} "${name.name}"`,
        found === undefined ? 'it was not announced' : 'it differs from what was announced',
      );
    once(done, verb, name);
    return { act: true, properties: found.properties };
  };

  return {
    async during(command, work) {
      if (running.has(command.stack))
        throw new PamError(
          'CONFLICT',
          `another command of this process runs on the stack "${command.stack}"`,
        );
      running.set(command.stack, { command, done: new Set() });
      try {
        return await work();
      } finally {
        running.delete(command.stack);
      }
    },
    permitCreate: (name, inputs) => wantedAs(name, 'create', inputs),
    permitUpdate(name, id, inputs) {
      const { command } = commandOn(name, 'update');
      if (!command.wanted.some((one) => one.type === name.type && idOf(one) === id))
        throw denied(`update ${name.type} "${name.name}"`, `no resource "${id}" was announced`);
      return wantedAs(name, 'update', inputs);
    },
    permitDelete(name, id) {
      const { command, done } = commandOn(name, 'delete');
      const isIt = (one: AnnouncedResource): boolean => one.type === name.type && idOf(one) === id;
      const found = command.dropped.find(isIt);
      if (found !== undefined) {
        once(done, 'delete', name);
        return { act: true, properties: found.properties };
      }
      const kept = command.wanted.find(isIt);
      // Made in this very command: what goes is its entry of before, not the thing itself.
      const replaced = kept !== undefined && done.has(`create ${kept.type} ${kept.name}`);
      if (kept !== undefined && !replaced)
        throw denied(`delete ${name.type} "${name.name}"`, 'it is to stay');
      // Known to Pulumi's state alone: it has ended, or another command has given it up.
      return { act: false };
    },
    permitLook(name) {
      commandOn(name, 'look at');
    },
  };
}

function denied(what: string, why: string): PamError {
  return new PamError('DENIED', `order refused: ${what}: ${why}`);
}
