/** What a category says of its local nodes, `local: { command, env, … }`: the schema as written, and the settings as used. */
import { z } from 'zod';
import { settingsParser } from '../../../core/category/settings';
import { duration } from '../../../core/time/duration';
import type { NodeOrder } from '../../../ports/nodeOrder';

export const localSettings = z.strictObject({
  command: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .meta({ description: 'any command that listens on `$PORT`', unset: 'the built-in HTTP node' }),
  env: z.record(z.string(), z.string()).default({}).meta({ description: 'its environment' }),
  healthPath: z
    .string()
    .startsWith('/')
    .default('/healthz')
    .meta({ description: 'answers 200 when the node can take requests' }),
  bootTime: duration.prefault('1s').meta({
    description: 'how long a node usually takes to come up; the built-in node takes this long',
  }),
});

const parser = settingsParser(localSettings);
export type LocalSettings = ReturnType<typeof parser.parse>;

/** The settings of an order, which the pool has parsed. */
export const settingsOf = (order: NodeOrder): LocalSettings => order.settings as LocalSettings;
