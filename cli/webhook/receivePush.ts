/** A push → its events stored and signalled to the categories that run; returns what happened. */
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Database } from '../../adapters/postgres';
import type { Caller } from '../../adapters/webhook';
import { PamError } from '../../core/errors';
import { announcementOf, withdrawalOf } from '../../core/events/announcement';
import { feedSource } from '../../core/events/feed';
import { type CategoryEvent, eventsOfNews } from '../../core/events/newsRules';
import type { Push } from '../../core/events/push';
import { coversName } from '../../core/policy/patterns';
import { categoryWorkflowId, signals } from '../../workflows/contracts';

export interface PushOutcome {
  readonly announced: readonly { readonly category: string; readonly id: string }[];
  readonly withdrawn: readonly { readonly category: string; readonly id: string }[];
  readonly signalled: readonly string[];
  /** Categories that do not run; they find the events in the store when they start. */
  readonly notRunning: readonly string[];
  readonly summary: string;
}

type Rights = Pick<Caller, 'categories' | 'feeds'>;

const all: Rights = { categories: ['*'], feeds: ['*'] };

/** The same push again changes nothing. Throws PamError, DENIED for news about categories beyond the caller's rights. */
export async function receivePush(
  push: Push,
  database: Database,
  client: Client,
  rights: Rights = all,
): Promise<PushOutcome> {
  if (push.kind === 'news') {
    const announced = await eventsOf(push, database, rights);
    for (const source of new Set(announced.map(({ event }) => event.source)))
      await database.feeds.apply(
        source,
        announced.filter(({ event }) => event.source === source),
        [],
      );
    return tell(client, announced, []);
  }
  await requireKnown(push.categories, database);
  const { message } = push;
  if (message.kind === 'announced') {
    for (const category of push.categories) await database.events.put(category, [message.event]);
    return tell(
      client,
      push.categories.map((category) => ({ category, event: message.event })),
      [],
    );
  }
  const { id, source } = message;
  const gone: { category: string; id: string; source: string }[] = [];
  for (const category of push.categories)
    if (await database.events.withdraw(category, source, id)) gone.push({ category, id, source });
  if (gone.length === 0)
    throw new PamError('NOT_FOUND', `withdraw: no event "${id}" of source "${source}" is known`);
  return tell(client, [], gone);
}

async function eventsOf(
  { feed, item }: Extract<Push, { kind: 'news' }>,
  database: Database,
  rights: Rights,
): Promise<CategoryEvent[]> {
  if (feed !== null && !covers(rights.feeds, feed))
    throw new PamError('DENIED', `feed: this token may not push to the news feed "${feed}"`);
  const definitions = (await database.feeds.list())
    .map(({ definition }) => definition)
    .filter(
      ({ name, type }) => type === 'news' && (feed === null ? covers(rights.feeds, name) : name === feed),
    );
  if (definitions.length === 0)
    throw new PamError(
      'NOT_FOUND',
      feed === null ? 'no news feed with rules is known' : `feed: no news feed "${feed}" is known`,
    );
  const events = definitions.flatMap(({ name, rules, categories }) =>
    eventsOfNews([item], { source: feedSource(name), rules, categories }),
  );
  const foreign = events.find(({ category }) => !covers(rights.categories, category));
  if (foreign !== undefined)
    throw new PamError(
      'DENIED',
      `news: a rule of ${foreign.event.source} tells category "${foreign.category}", which this token may not touch`,
    );
  return events;
}

const covers = (patterns: readonly string[], name: string): boolean =>
  patterns.some((pattern) => coversName(pattern, name));

async function requireKnown(categories: readonly string[], database: Database): Promise<void> {
  for (const category of categories)
    if ((await database.categories.get(category)) === null)
      throw new PamError('NOT_FOUND', `category "${category}" is not known`);
}

async function tell(
  client: Client,
  announced: readonly CategoryEvent[],
  withdrawn: readonly { category: string; id: string; source: string }[],
): Promise<PushOutcome> {
  const messages = [
    ...announced.map(({ category, event }) => ({ category, message: announcementOf(event) })),
    ...withdrawn.map(({ category, id, source }) => ({ category, message: withdrawalOf({ id, source }) })),
  ];
  const signalled: string[] = [];
  const notRunning: string[] = [];
  for (const category of new Set(messages.map((entry) => entry.category))) {
    const handle = client.workflow.getHandle(categoryWorkflowId(category));
    try {
      await handle.signal(
        signals.calendarEvent,
        messages.filter((entry) => entry.category === category).map(({ message }) => message),
      );
      signalled.push(category);
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      notRunning.push(category);
    }
  }
  const parts = [`${announced.length} announced, ${withdrawn.length} called off`];
  if (messages.length === 0) parts.push('no rule matches the item');
  if (signalled.length > 0) parts.push(`signalled ${signalled.join(', ')}`);
  if (notRunning.length > 0) parts.push(`${notRunning.join(', ')} will find it in the store (not running)`);
  return {
    announced: announced.map(({ category, event }) => ({ category, id: event.id })),
    withdrawn: withdrawn.map(({ category, id }) => ({ category, id })),
    signalled,
    notRunning,
    summary: parts.join('; '),
  };
}
