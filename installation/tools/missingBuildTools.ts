/**
 * The environment → what building the binding needs and PATH lacks. Asked before 187 MB are fetched: node-gyp tells of
 * a compiler that is not there only in the middle of its own lines.
 */
import { isAbsolute } from 'node:path';
import { onPath } from './toolPlaces';
import { isExecutable } from './toolVersion';

/** Names in words; empty if everything is there. CXX may name the compiler, since make honours it. */
export function missingBuildTools(env: NodeJS.ProcessEnv): string[] {
  // CXX may carry arguments or begin with a wrapper, e.g. `ccache g++`: its first word is what is executed.
  const [compiler = 'g++'] = (env.CXX ?? '').split(' ').filter((word) => word !== '');
  const isThere = (name: string) => (isAbsolute(name) ? isExecutable(name) : onPath(name, env).length > 0);
  const absent = ['python3', 'make'].filter((name) => !isThere(name));
  return isThere(compiler) ? absent : [...absent, `C++ compiler (${compiler})`];
}
