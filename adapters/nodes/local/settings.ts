/** What a category says of its local nodes, `local: { command, env, … }`: the schema as written, and the settings as used. */
import { z } from 'zod';
import { settingsParser } from '../../../core/category/settings';
import { argv, environmentName, secretReference } from '../../../core/policy/schema';
import { healthPath } from '../../../core/routing/grammar';
import { durationWithin } from '../../../core/time/duration';
import type { NodeOrder } from '../../../ports/nodeOrder';

const most = 200;
const fewNames = (values: object) => Object.keys(values).length <= most;
const tooManyNames = `expected at most ${most} names`;

export const localSettings = z
  .strictObject({
    command: argv.optional().meta({
      description:
        'any command that listens on `$PORT`, argument by argument; the policy of the worker must list it',
      unset: 'the built-in HTTP node',
    }),
    template: z.string().min(1).max(40).optional().meta({
      description: "instead of `command`: the name of one of the policy's `templates`",
      unset: 'none',
    }),
    env: z
      .record(
        environmentName,
        z
          .string()
          .max(32_768)
          .refine((value) => !value.includes('\0'), 'expected text without a NUL'),
      )
      .refine(fewNames, tooManyNames)
      .default({})
      .meta({ description: 'its environment, of what is no secret: everybody can read the history' }),
    envFrom: z
      .record(
        environmentName,
        secretReference.refine(
          (from) => !('kubernetesSecret' in from),
          'the node provider "local" has no Kubernetes secrets: expected {"variable":"NAME"} or {"file":"/run/secrets/name"}',
        ),
      )
      .refine(fewNames, tooManyNames)
      .default({})
      .meta({
        description:
          'its secrets, by reference: `{"DB_PASSWORD":{"file":"/run/secrets/db"}}` or `{"variable":"NAME"}` of the worker; see [secrets](#secrets)',
      }),
    healthPath: healthPath
      .default('/healthz')
      .meta({ description: 'answers 200 when the node can take requests' }),
    bootTime: durationWithin('1ms', '1h').prefault('1s').meta({
      description: 'how long a node usually takes to come up; the built-in node takes this long',
    }),
  })
  .superRefine(({ command, template, env, envFrom }, context) => {
    const refuse = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (command !== undefined && template !== undefined)
      refuse(['template'], 'expected either "command" or "template"');
    for (const name of Object.keys(envFrom))
      if (name in env) refuse(['envFrom', name], 'expected in either "env" or "envFrom"');
  });

const parser = settingsParser(localSettings);
export type LocalSettings = ReturnType<typeof parser.parse>;

/** The settings of an order, which the pool has parsed. */
export const settingsOf = (order: NodeOrder): LocalSettings => order.settings as LocalSettings;
