/** What somebody asks for and the policy of this worker → why it is refused, with the setting that refuses it. */
import type { FeedDefinition } from '../events/feed';
import { writtenDuration } from '../time/duration';
import { coversHost, coversName } from './patterns';
import type { Policy } from './schema';

/** The end of every refusal: where it is set. */
const place = (setting: string): string => `policy.${setting} in pam.yaml on the worker's machine`;

/** `why` ends with what is allowed; a person who may edit the policy finds the setting after it. */
export const refusal = (why: string, setting: string): string => `${why} (${place(setting)})`;

const listed = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(', '));

/** A category whose name may not run here. */
export function nameRefusals(name: string, { categories }: Policy): string[] {
  return categories.some((pattern) => coversName(pattern, name))
    ? []
    : [refusal(`name: category "${name}" may not run here; allowed: ${listed(categories)}`, 'categories')];
}

/** A feed whose source or limits are not allowed. Links and addresses are checked again when the feed is read. */
export function feedRefusals(feed: FeedDefinition, policy: Policy): string[] {
  const { feeds } = policy;
  return [
    ...(feed.url === undefined ? [] : addressRefusals(new URL(feed.url), policy)),
    ...(feed.file === undefined ? [] : fileRefusals(feed.file, policy)),
    ...(feed.allowPrivate && feeds.networks.length === 0
      ? [refusal('allowPrivate: no private network is allowed', 'feeds.networks')]
      : []),
    ...[...new Set([...feed.categories, ...feed.rules.flatMap(({ categories }) => categories)])].flatMap(
      (category) => nameRefusals(category, policy),
    ),
    ...above('maxBytes', feed.maxBytes, feeds.maxBytes, String),
    ...above('ahead', feed.ahead, feeds.ahead, writtenDuration),
    ...above('past', feed.past, feeds.past, writtenDuration),
    ...above('timeout', feed.timeout, feeds.timeout, writtenDuration),
    ...(feed.every < feeds.every
      ? [refusal(`every: expected at least ${writtenDuration(feeds.every)}`, 'feeds.every')]
      : []),
  ];
}

/** The host of a feed or of a redirect that one answers with. */
export function addressRefusals({ hostname }: URL, { feeds: { hosts } }: Policy): string[] {
  return hosts.some((pattern) => coversHost(pattern, hostname))
    ? []
    : [refusal(`url: host "${hostname}" is not allowed; allowed: ${listed(hosts)}`, 'feeds.hosts')];
}

/** By the path alone; where it leads is checked when the file is opened. */
export function fileRefusals(path: string, { feeds: { folders } }: Policy): string[] {
  return folders.some((folder) => isWithin(path, folder))
    ? []
    : [
        refusal(
          `file: ${path} is in no folder that feeds may be in; allowed: ${listed(folders)}`,
          'feeds.folders',
        ),
      ];
}

/** Both absolute. A path with "." or ".." in it is within nothing. */
export function isWithin(path: string, folder: string): boolean {
  if (!path.startsWith('/') || path.split('/').some((part) => part === '.' || part === '..')) return false;
  return path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

function above(field: string, value: number, most: number, text: (value: number) => string): string[] {
  return value > most ? [refusal(`${field}: expected at most ${text(most)}`, `feeds.${field}`)] : [];
}
