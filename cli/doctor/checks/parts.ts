/** Each part of the installation does its work, as `pam status` asks it. */
import { describeParts } from '../../../installation/describeInstallation';
import { check } from '../check';

const affects: Readonly<Record<string, string>> = {
  temporal: 'nothing is decided; nodes and routes stay as they are',
  postgres: 'nothing is decided or recorded; nodes and routes stay as they are',
  envoy: 'requests fail',
  discovery: 'the proxy serves what it has and learns of no change',
  'temporal ui': 'the UI cannot be opened; nothing else',
  'allocation worker': 'no category is looked after',
  'training worker': 'no model is trained; those in use go on',
};

export const parts = check('parts', 'what should run with what answers', [], async (world) => {
  const { installation, start } = world;
  if (installation === null) return [];
  const described = await describeParts(installation);
  return described.flatMap(({ name, state, kind, why }) =>
    state === 'up' || state === 'starting'
      ? []
      : [
          {
            what: `${name} is ${state}: ${why ?? 'no reason known'}`,
            affects: affects[name] ?? 'what it does is not done',
            todo: kind === 'ours' ? 'run "pam up"' : 'bring that server back: PAM did not start it',
            repair:
              kind === 'ours' && state !== 'failing'
                ? async () => {
                    await start(() => undefined);
                    return `"pam up" has started ${name} again`;
                  }
                : null,
          },
        ],
  );
});
