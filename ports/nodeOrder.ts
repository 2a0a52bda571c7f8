/** What a node provider is asked to make, and the tags that every node carries, whoever makes it. */
import type { NodeTemplate } from '../core/category/settings';

/** A provider's own part of a category's settings. */
export type ProviderSettings = Readonly<Record<string, unknown>>;

/** What a node was ordered as: fixed for its life. */
export interface NodeOrder {
  readonly id: string;
  readonly category: string;
  /** Name of the Pulumi stack that it belongs to. */
  readonly stack: string;
  readonly createdBy: string;
  readonly createdMs: number;
  readonly expiresMs: number;
  readonly template: NodeTemplate;
  /** Parsed by the provider's schema. */
  readonly settings: ProviderSettings;
}

/** The order alone, of whatever carries one. */
export function orderOf(node: NodeOrder): NodeOrder {
  const { id, category, stack, createdBy, createdMs, expiresMs, template, settings } = node;
  return { id, category, stack, createdBy, createdMs, expiresMs, template, settings };
}

/** The tags of a node, as they are in its environment, in Pulumi's state and in every observation. */
export function nodeTags(order: NodeOrder): Record<string, string> {
  return {
    category: order.category,
    stack: order.stack,
    createdBy: order.createdBy,
    expiry: new Date(order.expiresMs).toISOString(),
  };
}
