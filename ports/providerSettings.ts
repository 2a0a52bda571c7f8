/** A category's settings → what its node provider finds wrong in its own part of them: `local.command: expected …`. */
import type { CategorySettings } from '../core/category/settings';

export type CheckProviderSettings = (settings: CategorySettings) => readonly string[];

/** The same settings → what the policy of this worker refuses in that part, with the setting of the policy. */
export type RefusedNodeSettings = (settings: CategorySettings) => readonly string[];
