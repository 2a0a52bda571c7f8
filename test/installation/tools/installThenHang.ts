/** Entry of a process for install.test.ts: begins to install into the folder that its argument names, and never ends. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installInto } from '../../../installation/tools/install';

const [cache = ''] = process.argv.slice(2);
installInto(
  cache,
  'tool-1',
  () => false,
  async (temporary) => {
    writeFileSync(join(temporary, 'partial.whl'), 'half of a');
    process.stdout.write('partial\n');
    await new Promise((resolve) => setTimeout(resolve, 600_000));
  },
  () => {},
);
