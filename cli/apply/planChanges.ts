/** Declared categories and running ones → what to start, update and stop, or every obstacle. */
import { withProviderDefaults } from '../../adapters/nodes/providerSettings';
import { changedSettings } from '../../core/category/change';
import type { CategorySettings } from '../../core/category/settings';
import { PamError } from '../../core/errors';
import { causeInWords } from '../../core/failures/causeInWords';
import { sameRequests } from '../../core/routing/precedence';
import { changedFields, changeRequest, type FieldChange } from './difference';
import type { Declaration } from './readDeclarations';

export interface RunningCategory {
  readonly category: string;
  /** `active`, `forecast-only`, `paused`, `stopping`, or `no answer`. */
  readonly state: string;
  /** null when it did not answer. */
  readonly settings: CategorySettings | null;
  readonly trouble: string | null;
}

export type Change =
  | { readonly action: 'start'; readonly category: string; readonly declaration: Declaration }
  | {
      readonly action: 'update';
      readonly category: string;
      readonly fields: readonly FieldChange[];
      readonly request: Record<string, unknown>;
    }
  | { readonly action: 'stop'; readonly category: string }
  | { readonly action: 'unchanged'; readonly category: string }
  /** Runs, is not in the file, and stays because `--prune` was not given. */
  | { readonly action: 'left alone'; readonly category: string };

/** By name. Throws PamError with one line per obstacle; then nothing is changed. */
export function planChanges(
  declarations: readonly Declaration[],
  running: readonly RunningCategory[],
  prune: boolean,
): Change[] {
  const obstacles: Obstacle[] = [];
  const declared = new Set(declarations.map(({ name }) => name));
  const others = running.filter(({ category }) => !declared.has(category));
  const changes = declarations.map((declaration): Change => {
    const present = running.find(({ category }) => category === declaration.name);
    if (present !== undefined) return updateOf(declaration, present, obstacles);
    const conflicting = others.find(
      ({ settings }) => settings !== null && sameRequests(settings.match, declaration.settings.match),
    );
    if (conflicting !== undefined && !prune)
      obstacles.push({
        code: 'CONFLICT',
        text: `${declaration.where}: ${declaration.name}: match: the same requests as "${conflicting.category}", which runs and is not in the file`,
      });
    return { action: 'start', category: declaration.name, declaration };
  });
  for (const { category, state } of others)
    changes.push(
      state === 'stopping'
        ? { action: 'unchanged', category }
        : { action: prune ? 'stop' : 'left alone', category },
    );
  const [first] = obstacles;
  if (first !== undefined)
    throw new PamError(first.code, `nothing was changed:\n${obstacles.map(({ text }) => text).join('\n')}`);
  return changes.sort((a, b) => (a.category < b.category ? -1 : 1));
}

interface Obstacle {
  readonly code: 'CONFLICT' | 'UNAVAILABLE' | 'INVALID_DATA';
  readonly text: string;
}

function updateOf(declaration: Declaration, present: RunningCategory, obstacles: Obstacle[]): Change {
  const { name, where, settings } = declaration;
  const unchanged: Change = { action: 'unchanged', category: name };
  if (present.settings === null) {
    obstacles.push({
      code: 'UNAVAILABLE',
      text: `${where}: ${name}: ${present.trouble ?? 'does not answer'}`,
    });
    return unchanged;
  }
  if (present.state === 'stopping') {
    obstacles.push({
      code: 'CONFLICT',
      text: `${where}: ${name}: is being stopped: apply again once it has ended`,
    });
    return unchanged;
  }
  const fields = changedFields(withProviderDefaults(present.settings), withProviderDefaults(settings));
  if (fields.length === 0) return unchanged;
  const blocked = fields.filter(({ obstacle }) => obstacle !== null);
  for (const { field, from, to, obstacle } of blocked)
    obstacles.push({
      code: 'CONFLICT',
      text: `${where}: ${name}: ${field}: ${written(from)} → ${written(to)} ${obstacle}`,
    });
  const request = changeRequest(fields);
  if (blocked.length === 0)
    try {
      changedSettings(request, present.settings);
    } catch (error) {
      obstacles.push({
        code: 'INVALID_DATA',
        text: `${where}: ${name}: ${causeInWords(error)}`,
      });
    }
  return { action: 'update', category: name, fields, request };
}

/** A value as one line; what is not set has its default. */
export const written = (value: unknown): string =>
  value === null || value === undefined
    ? '(default)'
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);
