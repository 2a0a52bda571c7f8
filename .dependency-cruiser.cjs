/** The import rules of CONTRIBUTING.md: who may know whom. `make check` runs it; test/infra proves that it bites. */
const npm = { path: 'node_modules' };
/** Packages without I/O, clock, environment or randomness of their own. */
const purePackages = '(^|/)node_modules/(zod|ms|@types/ms|ical\\.js)/';

/** `from` may import only what `allowed` matches (paths from the root); everything else is an error. */
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { pathNot: allowed },
});

module.exports = {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-cycle-between-folders',
      comment: 'a folder stands below or above another, never both',
      severity: 'error',
      scope: 'folder',
      from: {},
      to: { circular: true },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'nothing-imports-tests',
      severity: 'error',
      from: { pathNot: '^(test|bench)/' },
      to: { path: '^(test|bench)/' },
    },
    {
      name: 'no-development-package-in-production',
      severity: 'error',
      from: {
        path: '^(core|ports|config|workflows|activities|adapters|infra|installation|workers|simulation|cli)/',
      },
      to: {
        dependencyTypes: ['npm-dev'],
        dependencyTypesNot: ['type-only', 'type-import'],
        pathNot: '@types/',
      },
    },
    only('core-is-pure', '^core/', ['^core/', purePackages], 'no I/O, clock, environment: not even Node'),
    only('ports-know-core', '^ports/', ['^ports/', '^core/'], 'interfaces in words of core'),
    only(
      'simulation-knows-core',
      '^simulation/',
      ['^simulation/', '^core/', purePackages],
      'what is simulated is what runs',
    ),
    only(
      'config-knows-core',
      '^config/',
      [
        '^config/',
        '^core/',
        '(^|/)node_modules/(zod|yaml|@temporalio/envconfig)/',
        '^(node:)?(fs|path|url|os|crypto)$',
      ],
      'files and environment, parsed once',
    ),
    only(
      'workflows-are-deterministic',
      '^workflows/',
      [
        '^workflows/',
        '^core/',
        '^activities/',
        '(^|/)node_modules/@temporalio/(workflow|common)/',
        purePackages,
      ],
      'no I/O; see the next rule for activities',
    ),
    {
      name: 'workflows-know-activities-as-types',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: '^activities/', dependencyTypesNot: ['type-only', 'type-import'] },
    },
    only(
      'activities-work-over-ports',
      '^activities/',
      [
        ...['^activities/', '^core/', '^ports/', '^workflows/contracts/'],
        ...['(^|/)node_modules/@temporalio/(activity|common)/', purePackages, '^(node:)?(crypto|timers)'],
      ],
      'thin verbs over interfaces',
    ),
    {
      name: 'adapters-know-ports',
      severity: 'error',
      from: { path: '^adapters/([^/]+)/' },
      // Their own folder, core, ports, files; node providers also their Pulumi programs, Envoy's demand also its client.
      to: {
        path: '^(adapters|workflows|activities|workers|cli|simulation|config|infra|installation)/',
        pathNot: [
          ...['^adapters/$1/', '^adapters/(files|http)/', '^infra/', '^adapters/envoy/'],
          '^adapters/(calendar|feeds)/',
        ],
      },
    },
    {
      name: 'only-the-reader-knows-what-it-reads',
      comment: 'adapters/reader runs the readers of calendars and feeds in processes of their own',
      severity: 'error',
      from: { path: '^adapters/([^/]+)/', pathNot: '^adapters/reader/' },
      to: { path: '^adapters/(calendar|feeds)/', pathNot: '^adapters/$1/' },
    },
    {
      name: 'only-demand-envoy-knows-envoy',
      severity: 'error',
      from: { path: '^adapters/', pathNot: '^adapters/(envoy|demand/envoy)/' },
      to: { path: '^adapters/envoy/' },
    },
    {
      name: 'only-node-providers-know-infra',
      severity: 'error',
      from: { path: '^adapters/', pathNot: '^adapters/nodes/' },
      to: { path: '^infra/' },
    },
    {
      name: 'node-providers-know-no-other',
      comment: 'nor the pool that they share, which knows none of them: both know ports/nodeProvider.ts',
      severity: 'error',
      from: { path: '^adapters/nodes/([^/]+)/' },
      to: { path: '^adapters/nodes/', pathNot: '^adapters/nodes/$1/' },
    },
    {
      name: 'only-local-nodes-know-processes',
      comment:
        'local processes are one provider among others; what runs on this machine is installation; the reader runs itself',
      severity: 'error',
      from: { path: '^(adapters|activities|workers|infra)/', pathNot: '^adapters/(nodes/local|reader)/' },
      to: { path: '^(node:)?child_process$' },
    },
    {
      name: 'only-the-registry-knows-local-nodes',
      comment: 'how a process is told from another is for whoever starts some',
      severity: 'error',
      from: { pathNot: '^(adapters/nodes|installation|test|bench)/' },
      to: { path: '^adapters/nodes/local/', pathNot: '^adapters/nodes/local/processIdentity' },
    },
    {
      name: 'infra-programs-know-core-and-ports',
      severity: 'error',
      from: { path: '^infra/' },
      to: { path: '^(adapters|workflows|activities|workers|cli|simulation|config|installation)/' },
    },
    {
      name: 'installation-knows-no-logic',
      comment: 'it composes the servers of one machine',
      severity: 'error',
      from: { path: '^installation/' },
      to: { path: '^(activities|workers|cli|simulation)/|^workflows/(?!contracts/)' },
    },
  ],
  options: {
    doNotFollow: npm,
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    moduleSystems: ['cjs', 'es6'],
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
