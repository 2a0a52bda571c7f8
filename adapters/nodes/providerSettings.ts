/** A category's settings → what its node provider's schema makes of its own part, or what is wrong with it, by field. */
import type { z } from 'zod';
import { defaultNodeProvider } from '../../core/category/nodeProviders';
import { asWrittenBy, type CategorySettings, settingsParser } from '../../core/category/settings';
import { PamError } from '../../core/errors';
import type { Policy } from '../../core/policy/schema';
import type { ProviderSettings } from '../../ports/nodeOrder';
import { nodeProviders, type ProviderDefinition } from './registry';

type Issue = z.core.$ZodIssue;

const ofProvider = (name: string, error: z.ZodError): Issue[] =>
  error.issues.map((issue) => ({ ...issue, path: [name, ...issue.path] }));

/** What is wrong in a category as a person wrote it, whether or not the rest of it is right. */
export function providerIssues(written: unknown): Issue[] {
  const fields = recordOf(written);
  const name = recordOf(fields.nodes).provider ?? defaultNodeProvider;
  const definition = (nodeProviders as Readonly<Record<string, ProviderDefinition>>)[String(name)];
  const part = fields[String(name)] ?? {};
  // What is no provider, or no group of settings, is core's to refuse.
  if (definition === undefined || typeof part !== 'object' || Array.isArray(part)) return [];
  const parsed = definition.settings.safeParse(part);
  return parsed.success ? [] : ofProvider(String(name), parsed.error);
}

/** The same for settings that core has parsed: `local.command: expected …`. */
export function checkProviderSettings(settings: CategorySettings): string[] {
  return providerIssues(settings).map(describeIssue);
}

/** What the policy of a worker refuses in settings that core has parsed; what is wrong with them is not its affair. */
export function refusedNodeSettings(settings: CategorySettings, policy: Policy): readonly string[] {
  const { provider } = settings.nodes;
  const { settings: schema, refusals } = nodeProviders[provider];
  const parsed = settingsParser(schema).safeParse(settings[provider] ?? {});
  return parsed.success ? refusals(parsed.data as ProviderSettings, policy) : [];
}

/** One issue with its field, unknown ones named. */
function describeIssue(issue: Issue): string {
  if (issue.code !== 'unrecognized_keys') return `${issue.path.map(String).join('.')}: ${issue.message}`;
  return issue.keys
    .map(
      (key) => `${[...issue.path.map(String), key].join('.')}: no such setting; docs/category.md lists them`,
    )
    .join('; ');
}

/** Settings with the provider's defaults filled in, as a person writes them: two that mean the same are the same. */
export function withProviderDefaults(settings: CategorySettings): CategorySettings {
  const name = settings.nodes.provider;
  const schema = nodeProviders[name].settings;
  const parsed = settingsParser(schema).safeParse(settings[name] ?? {});
  return parsed.success ? { ...settings, [name]: asWrittenBy(schema, parsed.data) } : settings;
}

/**
 * What reads a provider's part for its pool.
 * @throws PamError REJECTED with every field that is wrong.
 */
export function parserOf(name: string, schema: z.ZodObject) {
  const parser = settingsParser(schema);
  return (written: ProviderSettings): ProviderSettings => {
    const parsed = parser.safeParse(written);
    if (parsed.success) return parsed.data as ProviderSettings;
    throw new PamError('REJECTED', ofProvider(name, parsed.error).map(describeIssue).join('; '));
  };
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}
