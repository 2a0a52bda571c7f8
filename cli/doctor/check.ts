/**
 * One thing that the doctor looks at: what is → differences from what should be, each in words, with what it affects and how it is
 * mended. A new check is a file in `checks/` and a line in its list.
 */
import type { Client } from '@temporalio/client';
import type { Database } from '../../adapters/postgres';
import type { Installation } from '../../installation/installation';
import type { RoutingTable } from '../../ports/routingTable';

export interface Difference {
  /** What is wrong, and where. */
  readonly what: string;
  /** What it does to decisions, nodes or requests. */
  readonly affects: string;
  /** What a person does about it, if `repair` is null or fails. */
  readonly todo: string;
  /** Mends it without taking a node that serves, or data, away; resolves to what was done. null: only a person can decide. */
  readonly repair: (() => Promise<string>) | null;
}

/** What checks look at. `null`: it can't be reached, and `missing` says why. */
export interface DoctorWorld {
  readonly stateDir: string;
  readonly installation: Installation | null;
  readonly database: Database | null;
  readonly temporal: Client | null;
  readonly routing: RoutingTable | null;
  readonly missing: Readonly<Partial<Record<Need, string>>>;
  readonly now: () => number;
  /** `pam up`. */
  readonly start: (report: (line: string) => void) => Promise<unknown>;
}

export type Need = 'database' | 'temporal' | 'routing';
/** The world of a check whose needs are met. */
export type Reached<Needs extends Need = never> = DoctorWorld & {
  readonly [Key in Needs]: NonNullable<DoctorWorld[Key]>;
};

export interface Check {
  readonly name: string;
  /** In a phrase: what is compared with what. */
  readonly compares: string;
  readonly needs: readonly Need[];
  readonly look: (world: DoctorWorld) => Promise<Difference[]>;
}

/** A check over a world in which its needs are there. */
export function check<Needs extends Need = never>(
  name: string,
  compares: string,
  needs: readonly Needs[],
  look: (world: Reached<Needs>) => Promise<Difference[]>,
): Check {
  return { name, compares, needs, look: (world) => look(world as Reached<Needs>) };
}
