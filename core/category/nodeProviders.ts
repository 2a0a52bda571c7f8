/**
 * The names of the node providers: what `nodes.provider` may say, and which top-level settings are a provider's own part.
 * Core knows the names only; `adapters/nodes/registry.ts` has the providers and the schemas of their parts.
 */
export const nodeProviderNames = ['local'] as const;

export type NodeProviderName = (typeof nodeProviderNames)[number];
