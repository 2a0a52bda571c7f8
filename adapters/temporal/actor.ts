/**
 * The environment → who asks: the identity that Temporal records with every start, signal, update and cancellation of
 * this process. It says who it was, it does not prove it: what Temporal has authenticated is its principal.
 */
import { hostname, userInfo } from 'node:os';
import { visibleLine } from '../../core/text/visible';

const longest = 200;

/** PAM_ACTOR, else `user@host`. */
export function actorOf(env: NodeJS.ProcessEnv = process.env): string {
  const named = env.PAM_ACTOR?.trim();
  if (named) return visibleLine(named).slice(0, longest);
  // Someone whom sudo made root is still that person.
  const user = env.SUDO_USER || accountName();
  return `${user}@${hostname()}`;
}

function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container's user often has no entry in /etc/passwd.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
