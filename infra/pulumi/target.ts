/**
 * Where a category's resources come into being. Local processes behind Envoy are one target; a cloud is another one
 * that makes its own resources from the same orders. The program and everything above it stay the same.
 */
import type { Resource } from '@pulumi/pulumi';
import type { RoutingRule } from '../../core/routing/rule';
import type { NodeOrder } from '../../ports/nodeOrder';

export interface NodeTarget {
  /** Declares one tagged node under its id. */
  node(order: NodeOrder): Resource;
  /** Declares the rule that sends the category's requests to its nodes. */
  rule(rule: RoutingRule): Resource;
}
