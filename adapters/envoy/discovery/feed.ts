/**
 * Resources of one type that a proxy should have → what is sent to it next, and what it has. One update is on its way at a
 * time. One that is refused is tried again in halves, until what is refused stands alone: so it costs itself only, and the
 * proxy keeps the last version of it that it accepted.
 */
import type { Resource } from './target';

export interface Update<Item extends Resource> {
  readonly changed: readonly Item[];
  readonly removed: readonly string[];
}

export interface RefusedResource {
  readonly version: string;
  readonly reason: string;
}

interface Sent<Item extends Resource> extends Update<Item> {
  readonly nonce: string;
  readonly atMs: number;
}

export class Feed<Item extends Resource> {
  /** Version by name of what the proxy has accepted. */
  readonly accepted = new Map<string, string>();
  /** What it has accepted since it connected. */
  readonly acceptedItems = new Map<string, Item>();
  readonly refused = new Map<string, RefusedResource>();
  private readonly wanted = new Map<string, Item>();
  /** Names whose present version differs from what the proxy has answered. */
  private readonly open = new Set<string>();
  /** Names to be sent although the proxy has them. */
  private readonly again = new Set<string>();
  /** Groups of a refused update that are tried by themselves, in this order. */
  private groups: string[][] = [];
  private sent: Sent<Item> | null = null;

  /** @param most resources of one update. */
  constructor(private readonly most = Number.POSITIVE_INFINITY) {}

  want(name: string, item: Item | null): void {
    if (item === null) this.wanted.delete(name);
    else this.wanted.set(name, item);
    const refusal = this.refused.get(name);
    if (refusal !== undefined && refusal.version !== item?.version) this.refused.delete(name);
    this.note(name);
  }

  /** The proxy has these already, from before it connected. */
  has(versions: Readonly<Record<string, string>>): void {
    for (const [name, version] of Object.entries(versions)) {
      this.accepted.set(name, version);
      this.note(name);
    }
  }

  sendAgain(name: string): void {
    if (!this.wanted.has(name)) return;
    this.again.add(name);
    this.open.add(name);
  }

  /** True if it has answered the present version of every resource. */
  get allSettled(): boolean {
    return this.open.size === 0;
  }

  /** True if the proxy has answered the present version of that resource. */
  settled(name: string): boolean {
    return !this.open.has(name);
  }

  /** The next update; null if there is none, or one is on its way. `may` holds back what depends on something else. */
  next(
    nonce: string,
    atMs: number,
    may: (name: string, item: Item | null) => boolean = () => true,
  ): Update<Item> | null {
    if (this.sent !== null || this.open.size === 0) return null;
    this.groups = this.groups
      .map((group) => group.filter((name) => this.open.has(name)))
      .filter((group) => group.length > 0);
    const suspects = this.groups[0];
    const names = (suspects ?? [...this.open])
      .filter((name) => may(name, this.wanted.get(name) ?? null))
      .slice(0, this.most);
    if (names.length === 0) return null;
    const changed = names.flatMap((name) => this.wanted.get(name) ?? []);
    const removed = names.filter((name) => !this.wanted.has(name));
    this.sent = { nonce, atMs, changed, removed };
    return this.sent;
  }

  /** The proxy’s answer to an update, by its nonce. @returns names that were settled by it; null if it is no answer. */
  answer(nonce: string, error: string | null): string[] | null {
    const sent = this.sent;
    if (sent === null || sent.nonce !== nonce) return null;
    this.sent = null;
    const names = [...sent.changed.map(({ name }) => name), ...sent.removed];
    const [group] = this.groups;
    if (group !== undefined && names.some((name) => group.includes(name))) this.groups.shift();
    if (error === null) {
      for (const item of sent.changed) {
        this.accepted.set(item.name, item.version);
        this.acceptedItems.set(item.name, item);
      }
      for (const name of sent.removed) this.dropped(name);
      return this.settle(names);
    }
    for (const name of sent.removed) this.dropped(name);
    if (sent.changed.length > 1) {
      const middle = Math.ceil(sent.changed.length / 2);
      const halves = [sent.changed.slice(0, middle), sent.changed.slice(middle)];
      this.groups.unshift(...halves.map((half) => half.map(({ name }) => name)));
      return this.settle(sent.removed);
    }
    for (const { name, version } of sent.changed) this.refused.set(name, { version, reason: error });
    return this.settle(names);
  }

  /** How long the update on its way has been waiting for an answer, ms; 0 if there is none. */
  waitingMs(nowMs: number): number {
    return this.sent === null ? 0 : nowMs - this.sent.atMs;
  }

  /** Of the update that is on its way. */
  get nonce(): string {
    return this.sent?.nonce ?? '';
  }

  /** Names of the update that is on its way. */
  get pending(): readonly string[] {
    return this.sent === null ? [] : [...this.sent.changed.map(({ name }) => name), ...this.sent.removed];
  }

  /** The proxy has these from before it connected, as they are wanted. */
  adopt(): void {
    for (const [name, item] of this.wanted) {
      this.accepted.set(name, item.version);
      this.acceptedItems.set(name, item);
      this.note(name);
    }
  }

  /** The proxy does not ask for it any more. */
  forget(name: string): void {
    for (const known of [this.wanted, this.accepted, this.acceptedItems, this.refused]) known.delete(name);
    this.open.delete(name);
    this.again.delete(name);
  }

  private dropped(name: string): void {
    this.accepted.delete(name);
    this.acceptedItems.delete(name);
  }

  private settle(names: readonly string[]): string[] {
    for (const name of names) {
      this.again.delete(name);
      this.note(name);
    }
    return names.filter((name) => this.settled(name));
  }

  private note(name: string): void {
    const item = this.wanted.get(name);
    const answered =
      this.accepted.get(name) === item?.version ||
      (item !== undefined && this.refused.get(name)?.version === item.version);
    if (answered && !this.again.has(name)) this.open.delete(name);
    else this.open.add(name);
  }
}
