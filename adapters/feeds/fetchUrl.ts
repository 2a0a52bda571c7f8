/** The address of a feed and the validators of its last answer → its content, or null if it has not changed. */
import type { Readable } from 'node:stream';
import { Agent, request } from 'undici';
import { PamError } from '../../core/errors';
import type { FeedDefinition } from '../../core/events/feed';
import { addressRefusals } from '../../core/policy/refusals';
import type { Policy } from '../../core/policy/schema';
import { codeOf, messageOf } from '../../core/thrown';
import type { FeedContent, FeedValidators } from '../../ports/feedSource';
import { checkLiteral, lookupWithin, type PrivateNetworks } from './publicAddress';
import { decodeText, readBody, tooLarge } from './readBody';

const mostRedirects = 5;
const redirects = new Set([301, 302, 303, 307, 308]);

type Origin = Pick<FeedDefinition, 'name' | 'timeout' | 'maxBytes' | 'allowPrivate'>;

/**
 * Every redirect is checked like the first address. Throws PamError, see `FeedSource`.
 * @param policy absent: the reader is the person who named the address.
 */
export async function fetchUrl(
  feed: Origin & { readonly url: string },
  known: FeedValidators | null,
  cancelled?: AbortSignal,
  policy?: Policy,
): Promise<FeedContent | null> {
  const deadline = AbortSignal.timeout(feed.timeout);
  const signal = cancelled === undefined ? deadline : AbortSignal.any([deadline, cancelled]);
  const agent = new Agent({
    connect: {
      timeout: feed.timeout,
      lookup: lookupWithin(networksOf(feed, policy)) as never,
    },
    maxResponseSize: -1,
    pipelining: 0,
  });
  let url = new URL(feed.url);
  try {
    for (let hop = 0; hop <= mostRedirects; hop++) {
      const answer = await ask(agent, url, feed, known, signal, policy);
      if (!('location' in answer)) return answer.content;
      url = answer.location;
    }
    throw new PamError('REJECTED', `more than ${mostRedirects} redirects`);
  } catch (error) {
    throw explain(error, feed, url, deadline);
  } finally {
    await agent.destroy().catch(() => undefined);
  }
}

/** The feed says whether it means a private network, the policy which ones it may mean. */
function networksOf({ allowPrivate }: Origin, policy: Policy | undefined): PrivateNetworks {
  if (!allowPrivate) return [];
  return policy === undefined ? null : policy.feeds.networks;
}

async function ask(
  agent: Agent,
  url: URL,
  feed: Origin,
  known: FeedValidators | null,
  signal: AbortSignal,
  policy: Policy | undefined,
): Promise<{ location: URL } | { content: FeedContent | null }> {
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new PamError('DENIED', `a redirect goes to ${url.protocol}: expected http: or https:`);
  const [refused] = policy === undefined ? [] : addressRefusals(url, policy);
  if (refused !== undefined) throw new PamError('DENIED', refused);
  checkLiteral(url.hostname, networksOf(feed, policy));
  const { statusCode, headers, body } = await request(url, {
    dispatcher: agent,
    signal,
    headers: {
      'user-agent': 'pam-feed/1',
      accept:
        'text/calendar, application/rss+xml, application/atom+xml, application/feed+json, text/csv, application/json, */*;q=0.1',
      'accept-encoding': 'gzip, deflate, br',
      ...(known?.etag ? { 'if-none-match': known.etag } : {}),
      ...(known?.lastModified ? { 'if-modified-since': known.lastModified } : {}),
    },
  });
  const header = (name: string) => [headers[name]].flat()[0] ?? '';
  if (statusCode === 200) {
    if (Number(header('content-length')) > feed.maxBytes) {
      body.on('error', () => undefined).destroy();
      throw tooLarge(feed.maxBytes);
    }
    const bytes = await readBody(body as Readable, header('content-encoding'), feed.maxBytes, signal);
    return {
      content: {
        text: decodeText(bytes, header('content-type')),
        bytes: bytes.length,
        etag: header('etag') || null,
        lastModified: header('last-modified') || null,
      },
    };
  }
  body.on('error', () => undefined).destroy();
  if (statusCode === 304 && known !== null) return { content: null };
  if (redirects.has(statusCode)) {
    const location = header('location');
    if (!URL.canParse(location, url.href))
      throw new PamError('REJECTED', `answers ${statusCode} without a usable location`);
    return { location: new URL(location, url) };
  }
  throw new PamError(codeForStatus(statusCode), `answers ${statusCode}`);
}

function codeForStatus(status: number) {
  if (status === 401 || status === 403) return 'DENIED';
  if (status === 404 || status === 410) return 'NOT_FOUND';
  if (status === 429) return 'THROTTLED';
  if (status === 408 || status >= 500) return 'UNAVAILABLE';
  return 'REJECTED';
}

/** Every failure with the feed's name and the address that it happened at, without query: keys are often in there. */
function explain(error: unknown, feed: Origin, url: URL, deadline: AbortSignal): PamError {
  const place = `feed "${feed.name}": ${url.origin}${url.pathname}`;
  const cause = error !== null && typeof error === 'object' && 'cause' in error ? error.cause : undefined;
  const coded = [error, cause].find((one) => one instanceof PamError);
  if (coded instanceof PamError)
    return new PamError(coded.code, `${place} ${coded.message}`, { cause: error });
  if (deadline.aborted)
    return new PamError('UNAVAILABLE', `${place} was not read within ${feed.timeout} ms`, { cause: error });
  const message = messageOf(error);
  if (/^(Z_|ERR__ERROR_FORMAT|ERR_PADDING)/.test(codeOf(error)))
    return new PamError('INVALID_DATA', `${place} has a broken content encoding: ${message}`);
  return new PamError('UNAVAILABLE', `${place} could not be read: ${message}`, { cause: error });
}
