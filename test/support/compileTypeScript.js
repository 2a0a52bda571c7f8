/** Lets a child process of a test `require` the project's TypeScript: `node -r ./test/support/compileTypeScript.js`. */
const { transformFileSync } = require('@swc/core');

const options = {
  swcrc: false,
  jsc: {
    parser: { syntax: 'typescript' },
    target: 'es2022',
    transform: { useDefineForClassFields: false },
  },
  module: { type: 'commonjs' },
};

require.extensions['.ts'] = (module, file) => module._compile(transformFileSync(file, options).code, file);

/** Writes the compiled form of one file without project imports. */
exports.compileTo = (source, target) =>
  require('node:fs').writeFileSync(target, transformFileSync(source, options).code);
