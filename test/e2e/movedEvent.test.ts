/**
 * A calendar over HTTP and real nodes: an announced match has nodes take traffic before it begins; moved away it gives
 * them back, moved near it has them again, called off it gives them back for good. Envoy, Temporal, PostgreSQL and the
 * nodes are real; the category is new and has a steady trickle of requests.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeCalendar } from '../../adapters/calendar/writeCalendar';
import type { Story } from '../../cli/category/story';
import { type ServedCalendars, serveCalendars } from '../../cli/demo/serveCalendars';
import { readInstallation } from '../../infra/embedded/installation';
import type { CategoryStatus } from '../../workflows/contracts';
import { type OwnInstallation, ownInstallation } from '../support/pamProcess';

jest.setTimeout(300_000);

/** 8 requests a second a node; a match is announced within the lead, so that what it needs is ordered at once. */
const category = `categories:
  - name: football
    match: { pathPrefix: / }
    bin: 1s
    lead: 60s
    horizons: [60s]
    scaleDownHold: 2s
    nodes: { min: 1, max: 10, initial: 1 }
    node: { serviceTime: 100ms, concurrency: 1, bootTime: 200ms, drain: 2s }
`;
const path = '/matches.ics';
const calendars = new Map<string, string>();
let installation: OwnInstallation;
let web: ServedCalendars;
let traffic: NodeJS.Timeout;

beforeAll(async () => {
  installation = ownInstallation();
  await installation.up();
  web = await serveCalendars(calendars);
});
afterAll(async () => {
  clearInterval(traffic);
  await web?.close();
  await installation?.remove();
});

async function pam(line: string): Promise<string> {
  const { code, stdout, stderr } = await installation.shell(`bin/pam ${line}`);
  if (code !== 0) throw new Error(`pam ${line} ended with ${code}: ${stderr}`);
  return stdout;
}

/** The category's answer once it passes `test`. */
async function until(what: string, test: (status: CategoryStatus) => boolean): Promise<CategoryStatus> {
  let last: CategoryStatus | null = null;
  for (const endMs = Date.now() + 60_000; Date.now() < endMs; await sleep(100)) {
    const { stdout } = await installation.shell('bin/pam status football --json');
    last = (JSON.parse(stdout || '{}') as Partial<Story>).standing?.status ?? null;
    if (last !== null && test(last)) return last;
  }
  throw new Error(`not within 60 s: ${what}; ${JSON.stringify(last?.counts)}, ${last?.decision?.reason}`);
}

/** Serves the match from now on; empty = a calendar without it. */
function announce(...startsMs: number[]): void {
  const events = startsMs.map((startMs) => ({
    id: 'final@cup',
    kind: 'match',
    title: 'Final',
    startMs,
    endMs: startMs + 7_200_000,
    expectedUplift: 5,
    source: 'cup',
  }));
  calendars.set(path, writeCalendar(events, Date.now()));
}
/** 45 s from now, in whole seconds: within the lead. */
const soonMs = () => Math.ceil(Date.now() / 1_000) * 1_000 + 45_000;

test('a match brings nodes before its start; moved, they move with it; called off, they are given back', async () => {
  const file = join(installation.stateDir, 'football.yaml');
  writeFileSync(file, category);
  await pam(`apply -f ${file}`);
  const { listenUrl } = readInstallation(installation.stateDir)!.envoy;
  traffic = setInterval(
    () =>
      void fetch(listenUrl).then(
        (answer) => answer.text(),
        () => undefined,
      ),
    250,
  );

  const before = await until(
    'decisions on measured demand, with few nodes',
    ({ counts, decision, forecast }) =>
      forecast?.family === 'last-value' && decision !== null && counts.planned <= 2 && counts.routable > 0,
  );
  const few = before.counts.planned;
  const many = (status: CategoryStatus) =>
    status.counts.planned >= few + 2 && status.counts.routable >= few + 2;
  const fewAgain = ({ counts }: CategoryStatus) =>
    counts.planned <= few && counts.provisioned <= few && counts.routable <= few;

  const first = soonMs();
  announce(first);
  await pam(
    `feed add matches --type calendar --url ${web.url}${path} --category football --allow-private --every 1s`,
  );
  await until('more nodes take traffic', many);
  expect(Date.now()).toBeLessThan(first);

  announce(first + 86_400_000);
  const moved = await until('the nodes of the moved match are removed', fewAgain);
  expect(moved.counts.routable).toBeGreaterThan(0);

  const second = soonMs();
  announce(second);
  await until('more nodes take traffic again', many);
  expect(Date.now()).toBeLessThan(second);

  announce();
  const after = await until('the nodes of the called-off match are removed', fewAgain);
  expect(after.counts.routable).toBeGreaterThan(0);
});
