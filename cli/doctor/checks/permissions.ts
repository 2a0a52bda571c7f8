/** Files of the state folder with secrets are ours and closed to others; nobody else may put files there. */
import { chmodSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { check, type Difference } from '../check';

const secret = [
  'run.json',
  ...['password', 'password-runtime', 'password-reader'].map((name) => `postgres/${name}`),
];

export const permissions = check('permissions', 'owners and modes of the state folder', [], async (world) => [
  ...at(world.stateDir, 0o022, 'others may put files into it', 'programs of others may run as this user'),
  ...secret.flatMap((name) =>
    at(join(world.stateDir, name), 0o077, 'others may read it', 'it holds the password of the database'),
  ),
]);

function at(path: string, forbidden: number, open: string, affects: string): Difference[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return [];
  if (found.uid !== process.getuid?.())
    return [
      {
        what: `${path} belongs to another user (uid ${found.uid})`,
        affects: 'that user decides what runs here',
        todo: `check who made it, then chown ${process.getuid?.()} ${path}`,
        repair: null,
      },
    ];
  if ((found.mode & forbidden) === 0) return [];
  const mode = found.mode & 0o777 & ~forbidden;
  return [
    {
      what: `${path}: ${open} (mode ${(found.mode & 0o777).toString(8)})`,
      affects,
      todo: `chmod ${mode.toString(8)} ${path}`,
      repair: async () => {
        chmodSync(path, mode);
        return `its mode is ${mode.toString(8)} now`;
      },
    },
  ];
}
