/**
 * Configuration of a PAM installation: the settings of `pam.yaml` and the environment variables that override them.
 * Parsed once, at the start of a process; inside, the types are trusted.
 */
import { z } from 'zod';
import { policySchema } from '../core/policy/schema';
import { healthPath, serverAddress } from '../core/routing/grammar';
import { duration } from '../core/time/duration';

const port = z.coerce.number().int().min(0).max(65_535);
const loopback = z.string().default('127.0.0.1');

/** Where a key is, never the key. */
const encryptionKey = z
  .strictObject({
    /** Stands beside each payload that the key has encrypted. */
    id: z.string().regex(/^[\w.-]{1,64}$/, 'expected 1 to 64 letters, digits, ".", "_", "-"'),
    /** Environment variable with 32 bytes in base64. */
    env: z.string().min(1).optional(),
    /** File with 32 bytes in base64. */
    file: z.string().min(1).optional(),
  })
  .refine(({ env, file }) => (env === undefined) !== (file === undefined), 'expected either env or file');

export const configSchema = z.strictObject({
  /** Folder with everything that a local installation keeps: data, logs, pid files, node processes. */
  stateDir: z.string().default('.pam'),
  log: z
    .strictObject({
      level: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('warn'),
    })
    .prefault({}),
  temporal: z
    .strictObject({
      /** host:port of an existing server; absent: the embedded dev server. TLS and API keys as in Temporal's environment configuration. */
      address: z.string().optional(),
      /** Profile of Temporal's temporal.toml; its address and namespace count where the ones here are absent. */
      profile: z.string().min(1).optional(),
      /** false: plain text and no API key, whatever Temporal's environment configuration says. */
      tls: z.union([z.boolean(), z.stringbool()]).optional(),
      /** Payloads are encrypted with AES-256-GCM; absent: they are not. */
      encryption: z.strictObject({ keys: z.array(encryptionKey).min(1).max(20) }).optional(),
      namespace: z.string().default('default'),
      /** Fits run on this queue’s name with `-train` appended, feeds with `-feeds`. */
      taskQueue: z
        .string()
        .refine(
          (name) => !name.endsWith('-train') && !name.endsWith('-feeds'),
          'expected a name that does not end in "-train" or "-feeds", which are the queues beside it',
        )
        .default('pam'),
    })
    .prefault({}),
  database: z
    .strictObject({
      /** postgres://user:password@host:port/name of an existing server; absent: the embedded one. */
      url: z.string().optional(),
      /** The same for the owner of the tables, who migrates them and makes roles; absent: `url`. */
      ownerUrl: z.string().optional(),
      /** The same for a role that only reads, for commands that only read; absent: `url`. */
      readerUrl: z.string().optional(),
      poolSize: z.number().int().min(1).max(200).default(10),
    })
    .prefault({}),
  envoy: z
    .strictObject({
      /** http://host:port of an existing proxy's admin interface; absent: the embedded one. */
      adminUrl: z.url().optional(),
      listenHost: loopback,
      /** Port at which requests enter; 0 = a free one. */
      listenPort: port.default(0),
    })
    .prefault({}),
  /** The process that tells the proxies what to route. */
  discovery: z
    .strictObject({
      /** Folder with its snapshot, its socket and the bootstrap of the proxy; absent: `discovery` under `stateDir`. */
      dir: z.string().optional(),
      /** Where the proxies reach it: unix:/path or host:port; absent: a socket in its folder. */
      listen: z
        .string()
        .regex(/^(unix:.+|\[[0-9A-Fa-f:]+\]:\d+|[^:/\s]+:\d+)$/, 'expected unix:/path or host:port')
        .optional(),
      /** Mutual TLS; needed if `listen` is not of this machine. The proxies use files of their own with the same names. */
      tls: z
        .strictObject({
          /** Of who signs the certificates of both sides. */
          ca: z.string(),
          cert: z.string(),
          key: z.string(),
        })
        .optional(),
    })
    .prefault({}),
  pulumi: z
    .strictObject({
      /** State backend; absent: files under `stateDir`. */
      backendUrl: z.string().optional(),
    })
    .prefault({}),
  nodes: z
    .strictObject({
      local: z
        .strictObject({
          /** Who runs local nodes: auto (as root, users of their own; else namespaces where the kernel allows), worker (as PAM itself: no protection), or a user. */
          user: z
            .string()
            .regex(
              /^[a-z_][a-z0-9_.-]*\$?$|^\d+(:\d+)?$/i,
              'expected auto, worker, the name of a user or UID:GID',
            )
            .default('auto'),
          /** Under which each local node gets a working directory of its own; nodes must be able to reach it. */
          folder: z.string().startsWith('/', 'expected an absolute path').default('/var/tmp'),
        })
        .prefault({}),
    })
    .prefault({}),
  sharedPool: z
    .strictObject({
      /** host:port of the servers that serve what no category’s nodes can; absent: local nodes. */
      endpoints: z.array(serverAddress).max(1_000).default([]),
      /** Path at which each of them answers 200 while it can take requests. */
      healthPath: healthPath.default('/healthz'),
      /** Local nodes to start if there are no endpoints. */
      nodes: z.number().int().min(1).max(1_000).default(2),
    })
    .prefault({}),
  /** How long rows are kept. */
  retention: z
    .strictObject({
      bins: duration.prefault('90d'),
      forecasts: duration.prefault('14d'),
      decisions: duration.prefault('90d'),
    })
    .prefault({}),
  /** What workers do at most, whoever asks: checked in the worker, see docs/security.md. */
  policy: policySchema,
});

export type Config = z.output<typeof configSchema>;

/** Environment variable → path of the setting that it overrides. */
export const environmentNames: Readonly<Record<string, string>> = {
  PAM_STATE: 'stateDir',
  PAM_LOG_LEVEL: 'log.level',
  TEMPORAL_ADDRESS: 'temporal.address',
  TEMPORAL_NAMESPACE: 'temporal.namespace',
  TEMPORAL_PROFILE: 'temporal.profile',
  PAM_TEMPORAL_TLS: 'temporal.tls',
  PAM_TASK_QUEUE: 'temporal.taskQueue',
  DATABASE_URL: 'database.url',
  DATABASE_OWNER_URL: 'database.ownerUrl',
  DATABASE_READER_URL: 'database.readerUrl',
  ENVOY_ADMIN_URL: 'envoy.adminUrl',
  PAM_DISCOVERY_DIR: 'discovery.dir',
  PAM_DISCOVERY_LISTEN: 'discovery.listen',
  PAM_LISTEN_HOST: 'envoy.listenHost',
  PAM_LISTEN_PORT: 'envoy.listenPort',
  PULUMI_BACKEND_URL: 'pulumi.backendUrl',
  PAM_NODE_USER: 'nodes.local.user',
  PAM_NODE_FOLDER: 'nodes.local.folder',
  PAM_SHARED_ENDPOINTS: 'sharedPool.endpoints',
  PAM_FEED_FOLDERS: 'policy.feeds.folders',
  PAM_FEED_HOSTS: 'policy.feeds.hosts',
  PAM_FEED_NETWORKS: 'policy.feeds.networks',
};

/** Variables that hold a list, with commas between its parts. */
export const listVariables: ReadonlySet<string> = new Set([
  'PAM_SHARED_ENDPOINTS',
  'PAM_FEED_FOLDERS',
  'PAM_FEED_HOSTS',
  'PAM_FEED_NETWORKS',
]);
