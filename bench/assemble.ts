/** The fragments of all benchmarks → RESULTS.md. node -r ./test/support/compileTypeScript.js bench/assemble.ts [--fast] */
import { assemble } from './fragment';

process.stdout.write(`${assemble(process.argv.includes('--fast'))}\n`);
