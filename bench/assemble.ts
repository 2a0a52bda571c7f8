/** The fragments of all benchmarks → RESULTS.md. node -r ./test/support/compileTypeScript.js bench/assemble.ts */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assemble } from './fragment';

writeFileSync(join(__dirname, 'RESULTS.md'), assemble());
