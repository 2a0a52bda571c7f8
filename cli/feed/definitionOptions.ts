/** Options of the command line about a feed → its checked definition, as a person would write it. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { describeIssues } from '../../core/describeIssues';
import { PamError } from '../../core/errors';
import { type FeedDefinition, type FeedInput, feedDefinition } from '../../core/events/feed';
import { messageOf } from '../../core/thrown';

export interface DefinitionOptions {
  readonly definition?: string | undefined;
  readonly type?: string | undefined;
  readonly url?: string | undefined;
  readonly file?: string | undefined;
  readonly every?: string | undefined;
  readonly category?: readonly string[] | undefined;
  readonly rules?: string | undefined;
  readonly kind?: string | undefined;
  readonly uplift?: number | undefined;
  readonly zone?: string | undefined;
  readonly ahead?: string | undefined;
  readonly past?: string | undefined;
  readonly timeout?: string | undefined;
  readonly 'max-bytes'?: number | undefined;
  readonly 'allow-private'?: boolean | undefined;
}

/** Whether a feed is described, not only named. */
export function saysWhatItIs({ definition, type, url, file }: DefinitionOptions): boolean {
  return [definition, type, url, file].some((option) => option !== undefined);
}

/** Throws PamError INVALID_INPUT, naming the field, or NOT_FOUND and INVALID_DATA for a file. */
export function readDefinition(
  name: string | undefined,
  options: DefinitionOptions,
): { readonly written: FeedInput; readonly definition: FeedDefinition } {
  const stated = {
    name,
    type: options.type,
    url: options.url,
    // Absolute, because the worker may run in another folder.
    file: options.file === undefined ? undefined : resolve(options.file),
    every: options.every,
    categories: options.category?.length ? [...options.category] : undefined,
    rules: options.rules === undefined ? undefined : rulesOf(options.rules),
    kind: options.kind,
    uplift: options.uplift,
    zone: options.zone,
    ahead: options.ahead,
    past: options.past,
    timeout: options.timeout,
    maxBytes: options['max-bytes'],
    allowPrivate: options['allow-private'] || undefined,
  };
  const written = {
    ...(options.definition === undefined ? {} : (readYaml(options.definition) as object)),
    ...Object.fromEntries(Object.entries(stated).filter(([, value]) => value !== undefined)),
  };
  const parsed = feedDefinition.safeParse(written);
  if (!parsed.success) throw new PamError('INVALID_INPUT', `feed: ${describeIssues(parsed.error)}`);
  return { written: written as FeedInput, definition: parsed.data };
}

function rulesOf(file: string): unknown {
  const read = readYaml(file);
  return typeof read === 'object' && read !== null && 'rules' in read ? read.rules : read;
}

/** JSON is YAML, too. */
function readYaml(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new PamError('NOT_FOUND', `${file}: there is no such file that can be read`);
  }
  try {
    return parse(text);
  } catch (error) {
    throw new PamError('INVALID_DATA', `${file}: expected YAML or JSON: ${messageOf(error)}`);
  }
}
