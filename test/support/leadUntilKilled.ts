/** A child process that leads or follows a task and is there to be killed; says each change on a line of its output. */
import { openDatabase } from '../../adapters/postgres';
import { processIdentity } from '../../workers/identity';
import { leadOrFollow } from '../../workers/leadership';

async function main(url: string, name: string): Promise<void> {
  const database = await openDatabase({ url, poolSize: 2 });
  const say = (what: string): void => void process.stdout.write(`${what}\n`);
  const stop = new AbortController();
  process.once('SIGTERM', () => stop.abort());
  const logger = { info: () => undefined, warn: () => undefined };
  const run = async (signal: AbortSignal): Promise<void> => {
    say('leads');
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    say('stopped');
  };
  let followed = false;
  const onFollowing = (): void => {
    if (!followed) say('follows');
    followed = true;
  };
  const leading = { leases: database.leases, holder: processIdentity(), logger };
  await leadOrFollow(leading, { name, run, onFollowing }, stop.signal);
  await database.close();
}

main(process.argv[2] ?? '', process.argv[3] ?? '').catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
