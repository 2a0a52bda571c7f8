/** The installation’s database → the fleet’s budget and the share of each category; or the budget is set. */
import type { CommandModule } from 'yargs';
import { actorOf } from '../../../adapters/temporal/actor';
import { PamError } from '../../../core/errors';
import { secondText } from '../../../core/time/instantText';
import type { FleetRecord } from '../../../ports/stores/nodes/fleetStore';
import { withStores } from '../../connect/withStores';
import { table } from '../../text/table';

interface FleetArguments {
  readonly config?: string;
  readonly max: string | undefined;
  readonly json: boolean;
}

// biome-ignore lint/complexity/noBannedTypes: yargs declares the options of a command that way
export const fleetCommand: CommandModule<{}, FleetArguments> = {
  command: 'fleet',
  describe: 'Show or set the most nodes of all categories together, and the share of each',
  builder: (options) =>
    options
      .option('max', {
        type: 'string',
        requiresArg: true,
        describe: 'set the budget: a whole number of nodes, or "none"; it applies from the next decisions on',
      })
      .option('json', { type: 'boolean', default: false, describe: 'print JSON' })
      .example('$0 fleet', 'the budget; per category, the nodes wished and granted, and why less')
      .example('$0 fleet --max 40', 'all active categories together have at most 40 nodes')
      .example('$0 fleet --max none', 'no budget')
      .epilogue(
        'If the wishes exceed the budget, every category keeps its nodes.min, and each further node goes to the category where it is expected to save the most requests (times the category’s weight) from being late. A category that has more than its share gives the excess up at its next decision.\n\nExit codes: 0 printed or set, 64 wrong arguments, 69 the database does not answer.',
      ),
  handler: async (argv) => {
    const maxNodes = readMax(argv.max);
    await withStores(argv.config, async ({ fleet }) => {
      if (maxNodes !== undefined) await fleet.setBudget(maxNodes, actorOf());
      const [budget, claims] = await Promise.all([fleet.budget(), fleet.claims()]);
      process.stdout.write(
        argv.json
          ? `${JSON.stringify({ maxNodes: budget, granted: grantedOf(claims), claims }, null, 2)}\n`
          : describeFleet(budget, claims),
      );
    });
  },
};

/** Throws PamError INVALID_INPUT; undefined = not given, null = no budget. */
export function readMax(text: string | undefined): number | null | undefined {
  if (text === undefined) return undefined;
  if (text === 'none') return null;
  if (!/^\d{1,6}$/.test(text))
    throw new PamError('INVALID_INPUT', `--max ${text}: expected a whole number of nodes, or "none"`);
  return Number(text);
}

const grantedOf = (claims: readonly FleetRecord[]): number =>
  claims.reduce((sum, { granted }) => sum + granted, 0);

export function describeFleet(maxNodes: number | null, claims: readonly FleetRecord[]): string {
  const wished = claims.reduce((sum, { wish, min }) => sum + Math.max(wish, min), 0);
  const budget = maxNodes === null ? 'no budget' : `budget ${maxNodes}`;
  const head = `${budget}, ${wished} wished, ${grantedOf(claims)} granted`;
  if (claims.length === 0) return `${head}: no active category has decided yet\n`;
  const rows = [
    ['CATEGORY', 'WISHED', 'GRANTED', 'MIN', 'WEIGHT', 'DECIDED', 'WHY LESS'],
    ...claims.map(({ category, wish, granted, min, weight, claimedMs, reason }) => [
      category,
      String(wish),
      String(granted),
      String(min),
      String(weight),
      secondText(claimedMs),
      reason ?? '-',
    ]),
  ];
  return `${[head, '', ...table(rows, Number.POSITIVE_INFINITY)].join('\n')}\n`;
}
