/** What people may ask of a running category: the forms of signals and updates, and why a request is refused. */
import { z } from 'zod';
import {
  type CategorySettings,
  categoryChange,
  categoryInput,
  describeIssues,
  duration,
  instant,
} from '../../core/category/category';
import type { ComingOverride, Override } from '../contracts';

const reason = z.string().trim().min(1).max(300);

export const pauseRequest = z
  .strictObject({ reason: reason.default('asked for'), for: duration.optional() })
  .prefault({});
export const stopRequest = z.strictObject({ reason: reason.default('asked for') }).prefault({});

const setNodesRequest = z.union(
  [
    z.strictObject({
      nodes: z.number().int().min(0).max(10_000),
      for: duration,
      /** Absent: at once. */
      from: instant.optional(),
      reason: reason.default('manual override'),
    }),
    z.strictObject({ nodes: z.null() }),
  ],
  {
    error:
      'expected {"nodes": N, "for": "30m", "from": "2026-12-24T18:00:00Z", "reason": "…"} with a whole N, "from" and "reason" as you like, or {"nodes": null} to end the override',
  },
);

/** Throws an Error whose message says what is wrong and what would be right. */
export function readOverride(
  request: unknown,
  settings: CategorySettings,
  nowMs: number,
): Override | ComingOverride | null {
  const parsed = setNodesRequest.safeParse(request);
  if (!parsed.success) throw new Error(`setNodes: ${describeIssues(parsed.error)}`);
  const { data } = parsed;
  if (data.nodes === null) return null;
  if (data.nodes > settings.nodes.max)
    throw new Error(
      `setNodes: nodes: ${data.nodes} is above the category's maximum of ${settings.nodes.max}; raise nodes.max with "configure" first`,
    );
  if (settings.mode === 'forecast-only')
    throw new Error(
      'setNodes: the category is forecast-only and has no nodes; set {"mode":"active"} with "configure" first',
    );
  const fromMs = Math.max(nowMs, data.from ?? nowMs);
  const untilMs = (data.from ?? nowMs) + data.for;
  if (untilMs <= nowMs) throw new Error('setNodes: from: the override would be over already');
  const override = { nodes: data.nodes, untilMs, reason: data.reason };
  return fromMs > nowMs ? { ...override, fromMs } : override;
}

/**
 * The settings after a change, where null takes a setting, or a whole group of them, back to its default. Throws an Error
 * naming the field when the whole would not be valid.
 */
export function changedSettings(request: unknown, settings: CategorySettings): CategorySettings {
  const change = categoryChange.safeParse(request);
  if (!change.success) throw new Error(`configure: ${describeIssues(change.error)}`);
  const checked = categoryInput.safeParse(overlaid(asWritten(settings), request as Fields));
  if (!checked.success) throw new Error(`configure: ${describeIssues(checked.error)}`);
  return checked.data;
}

type Fields = Readonly<Record<string, unknown>>;

/** `change` over `base`, groups field by field; what is null is left out, so that it gets its default. */
function overlaid(base: Fields, change: Fields): Fields {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(change)) {
    if (value === null) delete merged[key];
    else if (value !== undefined)
      merged[key] = isGroup(value) ? overlaid((base[key] ?? {}) as Fields, value) : value;
  }
  return merged;
}

const isGroup = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Settings that an older version of PAM may have carried over a continue-as-new, with the defaults of what has been added
 * since. What no longer parses stays as it is: a running category must not fail for it.
 */
export function upToDateSettings(carried: CategorySettings): CategorySettings {
  const parsed = categoryInput.safeParse(asWritten(carried));
  return parsed.success ? parsed.data : carried;
}

/** Settings in the form that a person writes, so that they go through the same checks as at the start. */
function asWritten(settings: CategorySettings): Fields {
  const written = (ms: number) => `${ms}ms`;
  const { node, objective, scaleDownHold, unhealthyGrace } = settings;
  return {
    ...settings,
    ...(unhealthyGrace === undefined ? {} : { unhealthyGrace: written(unhealthyGrace) }),
    lead: written(settings.lead),
    scaleDownHold: scaleDownHold === 'auto' ? scaleDownHold : written(scaleDownHold),
    bin: written(settings.bin),
    day: written(settings.day),
    horizons: settings.horizons.map(written),
    objective: { ...objective, latency: written(objective.latency) },
    // Absent in what a version without it has carried over.
    maintenance: settings.maintenance?.map(({ from, to, ...rest }) => ({
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      ...rest,
    })),
    node: {
      ...node,
      serviceTime: written(node.serviceTime),
      bootTime: written(node.bootTime),
      drain: written(node.drain),
      maxAge: written(node.maxAge),
    },
  };
}
