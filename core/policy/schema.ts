/**
 * The section `policy` of pam.yaml → what a worker does at most, whoever asks. Who can edit pam.yaml on the worker's
 * machine decides it. Who only reaches Temporal, and so may start any workflow with any input, does not.
 *
 * The defaults allow what harms nobody: the built-in node, public feeds, feed files in one folder of the installation.
 * What a node runs as the worker's user, and what it may know, is allowed by name only. docs/security.md says why.
 */
import { z } from 'zod';
import { duration } from '../time/duration';
import { looksSecret } from './environment';

const noControls = (what: string) =>
  z
    .string()
    .min(1)
    .max(4_096)
    .refine(
      (text) => ![...text].some((char) => char < ' ' || char === '\u007f'),
      `expected ${what} without control characters`,
    );

/** A program and its arguments, each a text of its own. No shell reads them. */
export const argv = z.array(noControls('a program or an argument')).min(1).max(100);

export const environmentName = z
  .string()
  .max(128)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected the name of an environment variable, such as "LOG_LEVEL"');

const environmentPattern = z
  .string()
  .max(128)
  .regex(
    /^([A-Za-z_][A-Za-z0-9_]*\*?|\*)$/,
    'expected the name of an environment variable or the beginning of names, such as "LOG_LEVEL" or "SHOP_*"',
  );

const categoryPattern = z
  .string()
  .max(41)
  .regex(
    /^([a-z][a-z0-9-]*\*?|\*)$/,
    'expected a name or the beginning of names, such as "shop" or "shop-*"',
  );

const hostPattern = z
  .string()
  .max(253)
  .regex(
    /^(\*|(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:.]+\])$/,
    'expected a host such as "example.com", "*.example.com" for all below it, or "*" for all',
  );

const folder = noControls('a folder').refine(
  (path) => /^\/+[^/]/.test(path) && !path.split('/').includes('..'),
  'expected the absolute path of a folder, such as "/srv/calendars", other than "/" and without ".."',
);

const network = z.union([z.cidrv4(), z.cidrv6()], 'expected a network such as "10.1.0.0/16" or "fd00::/8"');

/** Where the value of one environment variable of a node comes from. Resolved in the worker when the node is started. */
export const secretReference = z.union(
  [
    z.strictObject({ variable: environmentName }),
    z.strictObject({ file: noControls('a path') }),
    z.strictObject({
      kubernetesSecret: z.strictObject({ name: z.string().min(1).max(253), key: z.string().min(1).max(253) }),
    }),
  ],
  {
    error:
      'expected {"variable":"NAME"} of the worker\'s environment, {"file":"/run/secrets/name"} or {"kubernetesSecret":{"name","key"}}',
  },
);
export type SecretReference = z.output<typeof secretReference>;

/** What a category names instead of a command of its own: `local: { template: web }`. */
const template = z.strictObject({
  command: argv,
  env: z
    .record(environmentName, z.string().max(32_768))
    .refine(
      (env) => !Object.keys(env).some(looksSecret),
      'expected names of what is no secret, since `pam config` prints their values: refer to secrets with "envFrom"',
    )
    .default({}),
  /** Secrets that every node of the template has; `secrets` does not limit which, since both are in one file. */
  envFrom: z.record(environmentName, secretReference).default({}),
});

const most = (count: number) => z.number().int().min(0).max(100_000).default(count);

export const policySchema = z
  .strictObject({
    /** Names of categories that may run here, or beginnings of names. */
    categories: z.array(categoryPattern).max(1_000).default(['*']),
    /** What `local.command` may be: whole commands, argument by argument, or `any`. None: built-in node and templates only. */
    commands: z.union([z.literal('any'), z.array(argv).max(1_000)]).default([]),
    /** Commands by name: what `local.template` may name. */
    templates: z
      .record(
        z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'expected 1 to 40 lower-case letters, digits or dashes'),
        template,
      )
      .default({}),
    /** Environment variables that `local.env` and `local.envFrom` may set. */
    environment: z.array(environmentPattern).max(1_000).default([]),
    /** What `local.envFrom` may read. */
    secrets: z
      .strictObject({
        /** Variables of the worker's own environment. */
        variables: z.array(environmentPattern).max(1_000).default([]),
        /** Folders whose files may be read. */
        folders: z.array(folder).max(100).default([]),
        /** Names that look like a secret and are none, so `local.env` may set them. */
        plain: z.array(environmentName).max(1_000).default([]),
      })
      .prefault({}),
    nodes: z
      .strictObject({
        /** Most nodes of one category. */
        perCategory: most(100),
        /** Most nodes of all categories together. */
        inAll: most(300),
      })
      .prefault({}),
    feeds: z
      .strictObject({
        /** Folders that the files of feeds may be in. Absent: `feeds` in the state folder. */
        folders: z.array(folder).max(100).optional(),
        /** Hosts that feeds may be fetched from. */
        hosts: z.array(hostPattern).max(1_000).default(['*']),
        /** Private networks that a feed with `allowPrivate` may be in. */
        networks: z.array(network).max(100).default([]),
        /** Most bytes of the content, unpacked. */
        maxBytes: z.number().int().min(1_000).max(100_000_000).default(10_000_000),
        /** How far ahead and back events may reach. */
        ahead: duration.prefault('180d'),
        past: duration.prefault('180d'),
        /** Most events of one feed in that window. */
        events: z.number().int().min(1).max(200_000).default(20_000),
        /** Shortest time between two looks at one feed. */
        every: duration.prefault('1s'),
        /** Longest time that one look may take. */
        timeout: duration.prefault('30s'),
      })
      .prefault({}),
  })
  .prefault({});

type Written = z.output<typeof policySchema>;

/** The policy in effect: as written, with the folders of feeds filled in. */
export type Policy = Written & { readonly feeds: { readonly folders: readonly string[] } };

/** @param feedFolder absolute; where feed files may be if the policy names no folder. */
export function policyInEffect(written: Written, feedFolder: string): Policy {
  return { ...written, feeds: { ...written.feeds, folders: written.feeds.folders ?? [feedFolder] } };
}
