/**
 * The node pool over Pulumi: one stack per category, whose nodes and rule are made by a provider in this process.
 * A reconcile with nothing to do reads a few files and runs no command; anything else is one `up`, under a lock, with
 * a note on disk before it, so that whatever interrupts it is recovered from by the next call.
 */
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { PamError } from '../../../core/errors';
import { categoryProgram } from '../../../infra/pulumi/categoryProgram';
import { localTarget } from '../../../infra/pulumi/localResources';
import { serveProvider } from '../../../infra/pulumi/providerServer';
import type { Now } from '../../../ports/clock';
import type { NodePool, PoolCall, PoolChange, PoolSpec } from '../../../ports/nodePool';
import type { RoutingTable } from '../../../ports/routingTable';
import { localHandlers } from '../local/localHandlers';
import { listNodes, removeNodeRecord } from '../local/nodeRecord';
import { beginDrain, drained, finishDrains } from '../local/stopNode';
import { createTurns, withCategoryLock } from './categoryLock';
import { confirmEndpoints } from './confirmEndpoints';
import { readLedger, removeLedger, writeLedger } from './ledger';
import { createNodeObserver } from './observeNodes';
import { ordersOf, type PoolPlan, planPool } from './poolPlan';
import { forgetStack, pruneBackend, pruneNodeLogs } from './stacks/pruneBackend';
import { recoverStack } from './stacks/recoverStack';
import { createStackCommands } from './stacks/stackCommands';
import { createStackWorkspaces, projectName } from './stacks/stackWorkspaces';

export interface PulumiNodePoolOptions {
  /** Folder with everything that the installation keeps. */
  readonly stateDir: string;
  /** Absolute path of the Pulumi executable. */
  readonly pulumiBinary: string;
  /** Where Pulumi keeps its state; absent: files under `stateDir`. */
  readonly backendUrl?: string;
  readonly routing: RoutingTable;
  readonly now: Now;
  /** Uniform in [0, 1), for the choice of ports. */
  readonly random?: () => number;
  /** Compiled built-in node, where it is not at its usual place. */
  readonly builtInNode?: string;
}

/** How often running drains are looked after, ms. */
const drainCheckMs = 250;
/** Resources that one update makes at the same time. */
const parallel = 16;

export async function createPulumiNodePool(
  options: PulumiNodePoolOptions,
): Promise<NodePool & { close(): Promise<void> }> {
  const { routing, now } = options;
  const stateDir = resolve(options.stateDir);
  /** Per stack: what our provider threw during the present command. */
  const failures = new Map<string, unknown>();
  const provider = await serveProvider({
    handlers: localHandlers({ ...options, stateDir, random: options.random ?? Math.random }),
    onFailure: ({ stack }, error) => failures.set(stack, error),
  });
  const { pulumiBinary, backendUrl } = options;
  const workspaces = await createStackWorkspaces({
    stateDir,
    pulumiBinary,
    providerPort: provider.port,
    ...(backendUrl === undefined ? {} : { backendUrl }),
  }).catch((error: unknown) => {
    provider.close();
    throw error;
  });
  const { pulumiHome } = workspaces;
  const observer = createNodeObserver(stateDir, routing, now);
  const inTurn = createTurns();
  /** Categories whose rule this process has put in place: the proxy may have lost it with its files before. */
  const ruleConfirmed = new Set<string>();
  const command = createStackCommands(workspaces, failures);
  const drains = setInterval(() => finishDrains(stateDir, now), drainCheckMs).unref();

  const recover = (category: string, call: PoolCall | undefined, lost: AbortSignal): Promise<void> =>
    command(category, `recovery of the nodes of "${category}"`, call, lost, async (stack, how) => {
      call?.progress?.(`the last update of "${category}" did not end: recovering`);
      await recoverStack(stack, category, { stateDir, pulumiHome, routing, now }, how);
    });

  const nothingToDo = (spec: PoolSpec, plan: PoolPlan): boolean => {
    const ledger = readLedger(stateDir, spec.category);
    if (ledger === null || ledger.phase !== 'applied' || plan.created.length + plan.removed.length > 0)
      return false;
    const ids = plan.kept.map((node) => node.id).sort();
    return isDeepStrictEqual([...ledger.nodes].sort(), ids) && isDeepStrictEqual(ledger.rule, spec.rule);
  };

  const change = async (spec: PoolSpec, call: PoolCall | undefined, lost: AbortSignal): Promise<PoolPlan> => {
    const { category, rule } = spec;
    const ledger = readLedger(stateDir, category);
    if (ledger?.phase === 'updating' || (ledger === null && listNodes(stateDir, category).length > 0))
      await recover(category, call, lost);
    const plan = await planPool(stateDir, spec, observer, now());
    if (nothingToDo(spec, plan)) return plan;
    const nodes = ordersOf(plan);
    const entry = { nodes: nodes.map((node) => node.id), rule };
    const program = categoryProgram({ nodes, rule }, localTarget);
    const message = `${nodes.length} nodes for ${spec.createdBy}`;
    await command(category, `update of the nodes of "${category}"`, call, lost, async (stack, how) => {
      writeLedger(stateDir, category, { phase: 'updating', ...entry });
      await stack.up({ program, parallel, message, ...how });
    });
    // Nodes that no state knew of, or whose process was dead, were nobody's to delete.
    for (const id of plan.removed) beginDrain(stateDir, category, id, spec.template.drainMs, now);
    writeLedger(stateDir, category, { phase: 'applied', ...entry });
    await pruneBackend(workspaces.backendUrl, pulumiHome, projectName, category);
    await pruneNodeLogs(stateDir, category);
    return plan;
  };

  const reconcile = async (spec: PoolSpec, call?: PoolCall): Promise<PoolChange> => {
    if (!Number.isInteger(spec.nodes) || spec.nodes < 0)
      throw new PamError(
        'INVALID_INPUT',
        `nodes of "${spec.category}": expected a whole number, got ${spec.nodes}`,
      );
    finishDrains(stateDir, now, spec.category);
    let plan = await planPool(stateDir, spec, observer, now());
    if (!nothingToDo(spec, plan))
      plan = await withCategoryLock(stateDir, spec.category, (lost) => change(spec, call, lost));
    if (spec.rule !== null && !ruleConfirmed.has(spec.category)) await routing.putRule(spec.rule);
    ruleConfirmed.add(spec.category);
    await confirmEndpoints(stateDir, spec.category, routing);
    return {
      created: plan.created.map((node) => node.id),
      removed: [...plan.removed],
      provisioned: plan.kept.length + plan.created.length,
    };
  };

  const destroy = async (category: string, call: PoolCall | undefined, lost: AbortSignal): Promise<void> => {
    const ledger = readLedger(stateDir, category);
    if (ledger?.phase === 'updating') await recover(category, call, lost);
    await command(category, `removal of the nodes of "${category}"`, call, lost, async (stack, how) => {
      writeLedger(stateDir, category, { phase: 'updating', nodes: [], rule: null });
      await stack.destroy({ parallel, ...how });
      await stack.workspace.removeStack(category, { force: true });
    });
    workspaces.forget(category);
    await forgetStack(workspaces.backendUrl, projectName, category);
    rmSync(workspaces.workFolder(category), { recursive: true, force: true });
    removeLedger(stateDir, category);
  };

  const remove = async (category: string, call?: PoolCall): Promise<PoolChange> => {
    const before = listNodes(stateDir, category);
    const removed = before.filter((node) => node.drainUntilMs === null).map((node) => node.id);
    if (readLedger(stateDir, category) !== null)
      await withCategoryLock(stateDir, category, (lost) => destroy(category, call, lost));
    ruleConfirmed.delete(category);
    await routing.removeRule(category);
    for (const endpoint of await routing.endpoints(category))
      await routing.removeEndpoint(category, endpoint.id);
    for (const node of before) beginDrain(stateDir, category, node.id, node.template.drainMs, now);
    await drained(stateDir, now, { category, ...call });
    for (const node of before) removeNodeRecord(stateDir, category, node.id);
    return { created: [], removed, provisioned: 0 };
  };

  return {
    reconcile: (spec, call) => inTurn(spec.category, () => reconcile(spec, call)),
    observe: (category) => {
      finishDrains(stateDir, now, category);
      return observer.observe(category);
    },
    remove: (category, call) => inTurn(category, () => remove(category, call)),
    async close() {
      clearInterval(drains);
      provider.close();
    },
  };
}
