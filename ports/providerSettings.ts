/** A category's settings in, what its node provider finds wrong in its own part of them out: `local.command: expected …`. */
import type { CategorySettings } from '../core/category/settings';

export type CheckProviderSettings = (settings: CategorySettings) => readonly string[];
