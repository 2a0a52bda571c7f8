/** A world and checks → what was found, looked at twice, so that a change under way is no difference; with `repair`, what was mended. */
import { setTimeout as sleep } from 'node:timers/promises';
import { causeInWords } from '../../core/failures/causeInWords';
import type { Check, Difference, DoctorWorld } from './check';

export interface Finding {
  readonly check: string;
  readonly what: string;
  readonly affects: string;
  readonly todo: string;
  /** Whether `--repair` can mend it. */
  readonly repairable: boolean;
  /** What the repair did; null if none was tried. */
  readonly repaired: string | null;
  /** Why the repair failed; null if it did not. */
  readonly failure: string | null;
}

export interface Examination {
  readonly checks: readonly {
    readonly name: string;
    readonly compares: string;
    /** Why it could not look; null if it did. */
    readonly unseen: string | null;
    readonly differences: number;
  }[];
  readonly findings: readonly Finding[];
}

export interface ExamineOptions {
  readonly repair: boolean;
  /** Before the second look, ms: a tick, a start of a node, a drain go on meanwhile. */
  readonly againMs: number;
}

type Looked = { readonly differences: readonly Difference[] } | { readonly unseen: string };

export async function examine(
  world: DoctorWorld,
  checks: readonly Check[],
  { repair, againMs }: ExamineOptions,
): Promise<Examination> {
  const first = await lookAll(world, checks);
  const found = first.some((one) => 'differences' in one && one.differences.length > 0);
  if (found) await sleep(againMs);
  const looked = found ? await lookAll(world, checks) : first;
  const findings: Finding[] = [];
  for (const [index, { name }] of checks.entries()) {
    const [before, after] = [first[index], looked[index]];
    if (before === undefined || after === undefined || !('differences' in after)) continue;
    const earlier = 'differences' in before ? before.differences.map(({ what }) => what) : [];
    for (const difference of after.differences)
      if (earlier.includes(difference.what)) findings.push(await findingOf(name, difference, repair));
  }
  return {
    findings,
    checks: checks.map(({ name, compares }, index) => {
      const one = looked[index];
      return {
        ...{ name, compares },
        unseen: one !== undefined && 'unseen' in one ? one.unseen : null,
        differences: findings.filter((finding) => finding.check === name).length,
      };
    }),
  };
}

function lookAll(world: DoctorWorld, checks: readonly Check[]): Promise<Looked[]> {
  return Promise.all(
    checks.map(async ({ needs, look }): Promise<Looked> => {
      const lacking = needs.find((need) => world[need] === null);
      if (lacking !== undefined) return { unseen: world.missing[lacking] ?? `${lacking} can't be reached` };
      try {
        return { differences: await look(world) };
      } catch (error) {
        return { unseen: causeInWords(error) };
      }
    }),
  );
}

/** Repairs run one after the other, in the order of the checks. */
async function findingOf(
  name: string,
  { what, affects, todo, repair: mend }: Difference,
  repair: boolean,
): Promise<Finding> {
  const finding = { check: name, what, affects, todo, repairable: mend !== null };
  if (!repair || mend === null) return { ...finding, repaired: null, failure: null };
  try {
    return { ...finding, repaired: await mend(), failure: null };
  } catch (error) {
    return { ...finding, repaired: null, failure: causeInWords(error) };
  }
}
