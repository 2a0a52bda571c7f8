/** Two projects: `pure` needs no server; `servers` gets real Temporal, PostgreSQL and Envoy from its global set-up. */
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
  modulePathIgnorePatterns: ['<rootDir>/dist'],
};

module.exports = {
  projects: [
    {
      ...common,
      displayName: 'pure',
      testMatch: ['<rootDir>/test/{core,simulation,config,workflows,cli}/**/*.test.ts'],
    },
    { ...common, displayName: 'servers', testMatch: ['<rootDir>/test/{adapters,infra,e2e}/**/*.test.ts'] },
  ],
};
