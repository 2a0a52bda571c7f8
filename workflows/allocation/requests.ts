/** What people may ask of a running category: the forms of signals and updates, and why a request is refused. */
import { z } from 'zod';
import type { CategorySettings } from '../../core/category/settings';
import { describeIssues } from '../../core/describeIssues';
import { plainText } from '../../core/text/plainText';
import { duration } from '../../core/time/duration';
import { instant } from '../../core/time/instant';
import type { ComingOverride, Override } from '../contracts';

const reason = plainText(300);

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
