/** What `run.json` holds of an installation. */
import { z } from 'zod';

export const installationSchema = z.object({
  stateDir: z.string(),
  startedMs: z.number(),
  temporal: z.object({
    address: z.string(),
    namespace: z.string(),
    /** null: unknown, because the server is not ours. */
    uiUrl: z.string().nullable(),
    /** Where the server itself has its UI, behind the gate at `uiUrl`: a port that browsers do not connect to. */
    uiPort: z.number().int().optional(),
  }),
  /** Holds a password: the file is readable by its owner only. */
  database: z.object({
    url: z.string(),
    /** Role that only reads; absent: `url`. */
    readerUrl: z.string().optional(),
    /** false: an existing server. */
    ours: z.boolean(),
  }),
  envoy: z.object({
    adminUrl: z.string(),
    /** Where requests enter. */
    listenUrl: z.string(),
    /** null: the proxy is not ours. */
    binary: z.string().nullable(),
  }),
  discovery: z.object({
    /** Where the proxies reach it; empty: it is not ours. */
    address: z.string(),
    /** Of the settings that it runs with; another one means a restart. */
    fingerprint: z.string(),
  }),
  pulumi: z.object({ binary: z.string(), backendUrl: z.string() }),
  /** Fingerprint of the settings that the workers run with; another one means a restart. */
  workersFingerprint: z.string().optional(),
  /** `pam down` has stopped it, so nobody starts it again by himself. */
  stopped: z.boolean().optional(),
  processes: z.array(
    z.object({ name: z.string(), pid: z.number().int(), startTicks: z.number(), log: z.string() }),
  ),
});

export type Installation = z.output<typeof installationSchema>;
