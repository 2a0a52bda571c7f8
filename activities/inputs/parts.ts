/** What the inputs of several activities have in common, as schemas: names, ids, instants, counts, figures. */
import { z } from 'zod';
import { plainText } from '../../core/text/plainText';

/** The year 2300, ms. People's instants end with 2200 and durations with 27 years, so their sums stay below. */
const latestMs = Date.UTC(2300, 0, 1);

export const instantMs = z.number().min(0).max(latestMs);
export const durationMs = z.number().min(0).max(latestMs);
/** Also of what the arithmetic asks for before any bound. */
export const nodeCount = z.number().int().min(0);
/** Requests, shares, quantiles: whatever is counted or divided, and finite. */
export const figure = z.number();

/** Written into rows, logs and the history: `checkout@2026-12-24T18:00:00.000Z`. */
export const id = plainText(400);
/** Sentences of PAM's own, with the names that others gave. */
export const sentence = z.string().max(20_000);
