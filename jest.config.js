/**
 * Five projects: `pure` needs no server; `workflows` gets Temporal's time-skipping test server, `trainer` TensorFlow's
 * own library, `servers` real Temporal, PostgreSQL, Envoy and Pulumi from their global set-ups, which obtain what this
 * machine lacks. `quiet` has the same servers, for tests that measure time: the Makefile runs them after the others, one
 * at a time.
 */
const transform = {
  '^.+\\.ts$': [
    '@swc/jest',
    {
      jsc: {
        parser: { syntax: 'typescript' },
        target: 'es2022',
        transform: { useDefineForClassFields: false },
      },
      module: { type: 'commonjs' },
    },
  ],
};
const common = {
  rootDir: __dirname,
  testEnvironment: 'node',
  transform,
  // Looking a global up in Jest's sandbox is slow, and the fits do it in their inner loops: these come as parameters.
  sandboxInjectedGlobals: [
    'Math',
    'Number',
    'Float64Array',
    'Int32Array',
    'Uint8Array',
    'Uint16Array',
    'Array',
  ],
  modulePathIgnorePatterns: ['<rootDir>/dist'],
  // A dynamic import names the compiled file; under Jest the source stands in for it.
  // Of a package's own file `$1` finds the same: `.js` is the first ending that is tried.
  moduleNameMapper: { '^(\\.\\.?/.*)\\.js$': ['$1', '$1.js'] },
};

const measureTime = '<rootDir>/test/e2e/(ramp|drills)\\.test\\.ts';

// Jest runs a set-up module once, with the project of the first test: what projects need must not depend on which.
const setUp = (project) => ({
  globalSetup: `<rootDir>/test/${project}.setup.ts`,
  globalTeardown: '<rootDir>/test/servers.teardown.ts',
});

module.exports = {
  projects: [
    {
      ...common,
      displayName: 'pure',
      testMatch: ['<rootDir>/test/{core,activities,simulation,config,cli,bench}/**/*.test.ts'],
    },
    {
      ...common,
      ...setUp('workflows'),
      displayName: 'workflows',
      testMatch: ['<rootDir>/test/workflows/**/*.test.ts'],
    },
    {
      ...common,
      ...setUp('trainer'),
      displayName: 'trainer',
      testMatch: ['<rootDir>/test/adapters/trainer/**/*.test.ts'],
    },
    {
      ...common,
      ...setUp('servers'),
      displayName: 'servers',
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/adapters/trainer/', measureTime],
      testMatch: ['<rootDir>/test/{adapters,infra,installation,workers,e2e}/**/*.test.ts'],
    },
    {
      ...common,
      ...setUp('servers'),
      displayName: 'quiet',
      testMatch: ['<rootDir>/test/e2e/{ramp,drills}.test.ts'],
    },
  ],
};
