/** Everything that the doctor looks at, in the order in which it is repaired: what others rest on comes first. */
import type { Check } from '../check';
import { clock } from './clock';
import { localNodes } from './localNodes';
import { measurement } from './measurement';
import { parts } from './parts';
import { permissions } from './permissions';
import { pools } from './pools';
import { processes } from './processes';
import { record } from './record';
import { routes } from './routes';
import { schema } from './schema';
import { stacks } from './stacks';
import { tools } from './tools';
import { workflows } from './workflows';

export const checks: readonly Check[] = [
  permissions,
  tools,
  record,
  schema,
  parts,
  processes,
  clock,
  workflows,
  pools,
  stacks,
  localNodes,
  routes,
  measurement,
];
