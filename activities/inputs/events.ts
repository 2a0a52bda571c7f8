/** The inputs of what records events and reads feeds. */
import { z } from 'zod';
import { categoryName } from '../../core/category/name';
import type { DemandEvent } from '../../core/events/event';
import { type FeedDefinition, feedDefinition, feedName } from '../../core/events/feed';
import { plainText } from '../../core/text/plainText';
import { writtenDuration } from '../../core/time/duration';
import type { RecordEventsInput, StoreEventsInput } from '../../workflows/contracts';
import { durationMs, id, instantMs } from './parts';

const demandEvent: z.ZodType<DemandEvent> = z
  .object({
    id,
    kind: plainText(200),
    title: plainText(200),
    startMs: instantMs,
    endMs: instantMs,
    expectedUplift: z.number().gt(0).max(1_000).exactOptional(),
    halfLifeMs: durationMs.gt(0).exactOptional(),
    source: plainText(200),
  })
  .refine(({ startMs, endMs }) => endMs > startMs, { path: ['endMs'], error: 'expected more than startMs' });

/** What one run of a workflow can have heard at most. */
const mostEvents = 50_000;

export const recordEventsInput: z.ZodType<RecordEventsInput> = z.object({
  category: categoryName,
  announced: z.array(demandEvent).max(mostEvents),
  withdrawn: z.array(z.object({ id, source: plainText(200) })).max(mostEvents),
});

const durations = new Set(['every', 'ahead', 'past', 'timeout', 'duration', 'halfLife', 'delay']);

/** A definition in use has its durations in ms: written again, it must be one that a person could have written. */
const definitionInUse: z.ZodType<FeedDefinition> = z
  .unknown()
  .transform((value) => withDurations(value))
  .pipe(feedDefinition);

function withDurations(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (key === 'rules' && Array.isArray(inner)) return [key, inner.map(withDurations)];
      if (!durations.has(key) || typeof inner !== 'number') return [key, inner];
      return [key, inner === 0 ? '0' : writtenDuration(inner)];
    }),
  );
}

export const feedNameInput: z.ZodType<string> = feedName;
export const fetchFeedInput: z.ZodType<{ definition: FeedDefinition }> = z.object({
  definition: definitionInUse,
});
export const storeEventsInput: z.ZodType<StoreEventsInput> = z.object({
  definition: definitionInUse,
  withdraw: z.boolean(),
});
