/** What a category says of its local nodes, and the policy of this worker → what is refused, by field. */
import { isDeepStrictEqual } from 'node:util';
import { coversVariable, looksSecret } from '../../../core/policy/environment';
import { isWithin, refusal } from '../../../core/policy/refusals';
import type { Policy, SecretReference } from '../../../core/policy/schema';
import type { LocalSettings } from './settings';

type Asked = Pick<LocalSettings, 'command' | 'template' | 'env' | 'envFrom'>;

export function localRefusals({ command, template, env, envFrom }: Asked, policy: Policy): string[] {
  return [
    ...commandRefusals(command, policy),
    ...templateRefusals(template, policy),
    ...[...Object.keys(env), ...Object.keys(envFrom)]
      .filter((name) => !coversVariable(policy.environment, name))
      .map((name) =>
        refusal(
          `local.${name in env ? 'env' : 'envFrom'}.${name}: no variable that nodes may have`,
          'environment',
        ),
      ),
    ...Object.keys(env)
      .filter((name) => looksSecret(name) && !policy.secrets.plain.includes(name))
      .map((name) =>
        refusal(
          `local.env.${name}: looks like a secret, and everybody who reaches Temporal or its files can read a value in "env": refer to it with "envFrom", and change the secret if this was its value`,
          'secrets.plain',
        ),
      ),
    ...Object.entries(envFrom).flatMap(([name, from]) => referenceRefusals(name, from, policy)),
  ];
}

function commandRefusals(command: Asked['command'], { commands }: Policy): string[] {
  if (command === undefined || commands === 'any') return [];
  if (commands.some((allowed) => isDeepStrictEqual(allowed, [...command]))) return [];
  return [
    refusal(
      `local.command: ${JSON.stringify(command)} is no command that nodes may run; expected one that is listed, argument by argument, or a template`,
      'commands',
    ),
  ];
}

function templateRefusals(template: Asked['template'], { templates }: Policy): string[] {
  if (template === undefined || Object.hasOwn(templates, template)) return [];
  const names = Object.keys(templates);
  return [
    refusal(
      `local.template: there is no "${template}"; expected ${names.length === 0 ? 'none, for no template is defined' : `one of ${names.join(', ')}`}`,
      'templates',
    ),
  ];
}

function referenceRefusals(name: string, from: SecretReference, { secrets }: Policy): string[] {
  if ('variable' in from)
    return coversVariable(secrets.variables, from.variable)
      ? []
      : [
          refusal(
            `local.envFrom.${name}: variable ${from.variable} of the worker may not be read`,
            'secrets.variables',
          ),
        ];
  if ('file' in from)
    return secrets.folders.some((folder) => isWithin(from.file, folder))
      ? []
      : [refusal(`local.envFrom.${name}: ${from.file} may not be read`, 'secrets.folders')];
  return [];
}
