/** The environment, or a file of callers → those who may push. Tokens are never on a command line: others can read that. */
import { readFileSync, statSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Caller } from '../../adapters/webhook';
import { describeIssues } from '../../core/describeIssues';
import { PamError } from '../../core/errors';
import { hasCode, messageOf } from '../../core/thrown';

const pattern = z
  .string()
  .regex(
    /^([a-z][a-z0-9-]{0,39}\*?|\*)$/,
    'expected a name or the beginning of names, such as "shop" or "shop-*"',
  );

const callersFile = z.strictObject({
  callers: z
    .array(
      z
        .strictObject({
          source: z
            .string()
            .regex(
              /^[a-z][a-z0-9-]{0,39}$/,
              'expected 1 to 40 lower-case letters, digits or dashes that start with a letter, such as "crm"',
            )
            .refine(
              (source) => source !== 'signal',
              'expected another name: events of "signal" are those of people',
            ),
          token: z.string().max(1_000).optional(),
          /** Variable of the environment that has the token. */
          tokenFrom: z.string().max(128).optional(),
          categories: z.array(pattern).max(1_000).default([]),
          feeds: z.array(pattern).max(1_000).default([]),
          perMinute: z.number().int().min(1).max(10_000).default(60),
        })
        .refine(({ token, tokenFrom }) => (token === undefined) !== (tokenFrom === undefined), {
          path: ['token'],
          error: 'expected either "token" or "tokenFrom"',
        }),
    )
    .min(1)
    .max(1_000),
});

/** Without a file: one caller `webhook` for every category. Throws PamError INVALID_CONFIG. */
export function readCallers(file: string | undefined, environment: NodeJS.ProcessEnv): Caller[] {
  if (file === undefined) {
    const token = environment.PAM_WEBHOOK_TOKEN;
    if (token === undefined || token === '')
      throw new PamError(
        'INVALID_CONFIG',
        'PAM_WEBHOOK_TOKEN: expected the token that callers must send, or a file of callers in PAM_WEBHOOK_CALLERS',
      );
    return [{ source: 'webhook', token, categories: ['*'], feeds: ['*'], perMinute: 600 }];
  }
  const parsed = callersFile.safeParse(contentOf(file));
  if (!parsed.success) throw new PamError('INVALID_CONFIG', `${file}: ${describeIssues(parsed.error)}`);
  return parsed.data.callers.map(({ token, tokenFrom, ...caller }) => {
    const found = tokenFrom === undefined ? token : environment[tokenFrom];
    if (found === undefined)
      throw new PamError(
        'INVALID_CONFIG',
        `${file}: tokenFrom of "${caller.source}": ${tokenFrom} is not set`,
      );
    return { ...caller, token: found };
  });
}

function contentOf(file: string): unknown {
  try {
    const { mode } = statSync(file);
    if ((mode & 0o077) !== 0)
      throw new PamError(
        'INVALID_CONFIG',
        `${file}: others on this machine may read its tokens: expected mode 600 ("chmod 600 ${file}")`,
      );
    return parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof PamError) throw error;
    // What a parser says of a file quotes it, and there are tokens in this one.
    const why = hasCode(error, 'ENOENT')
      ? 'there is no such file'
      : hasCode(error, 'EACCES')
        ? 'not allowed to read it'
        : `expected YAML or JSON (${messageOf(error).split('\n', 1)[0]?.split(':', 1)[0]})`;
    throw new PamError('INVALID_CONFIG', `${file}: ${why}`);
  }
}
