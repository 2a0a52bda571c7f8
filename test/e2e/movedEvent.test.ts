/**
 * A calendar over HTTP and real nodes: an announced match has nodes take traffic before it begins; moved away it gives
 * them back, moved near it has them again, called off it gives them back for good. Envoy, Temporal, PostgreSQL and the
 * nodes are real; the category is new and has a steady trickle of requests.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { writeCalendar } from '../../adapters/calendar/writeCalendar';
import { connectTemporal } from '../../adapters/temporal/connect';
import { readInstallation } from '../../installation/installation';
import { type CategoryStatus, categoryWorkflowId, queries } from '../../workflows/contracts';
import { type OwnInstallation, ownInstallation } from '../support/pamProcess';
import { type ServedCalendars, serveCalendars } from '../support/serveCalendars';

jest.setTimeout(480_000);

/** 8 requests a second a node; a match is announced within the lead, so that what it needs is ordered at once. */
const category = `categories:
  - name: football
    match: { pathPrefix: / }
    bin: 1s
    lead: 90s
    horizons: [90s]
    scaleDownHold: 2s
    nodes: { min: 1, max: 10, initial: 1 }
    node: { serviceTime: 100ms, concurrency: 1, drain: 2s }
    local: { bootTime: 200ms }
`;
const path = '/matches.ics';
const calendars = new Map<string, string>();
let installation: OwnInstallation;
let web: ServedCalendars;
let traffic: NodeJS.Timeout;
let temporal: Awaited<ReturnType<typeof connectTemporal>>;
let handle: WorkflowHandle;

beforeAll(async () => {
  installation = ownInstallation({ PAM_FEED_NETWORKS: '127.0.0.0/8' });
  await installation.up();
  temporal = await connectTemporal(readInstallation(installation.stateDir)!.temporal);
  web = await serveCalendars(calendars);
});
afterAll(async () => {
  clearInterval(traffic);
  await temporal?.close();
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
  for (const endMs = Date.now() + 90_000; Date.now() < endMs; await sleep(100)) {
    // Before its first task is done the workflow can't answer.
    last = await handle.query(queries.status).catch(() => null);
    if (last !== null && test(last)) return last;
  }
  throw new Error(`not within 90 s: ${what}; ${JSON.stringify(last?.counts)}, ${last?.decision?.reason}`);
}

/** 2 requests a second need one node, a second one where they come in bursts; 12 times as many need four. */
const hasFew = ({ counts }: CategoryStatus) =>
  counts.planned <= 2 && counts.provisioned <= 2 && counts.routable <= 2 && counts.routable > 0;
const hasMany = ({ counts }: CategoryStatus) => counts.planned >= 4 && counts.routable >= 4;

/** Serves the match from now on. */
function announce(startMs: number, status = 'CONFIRMED'): void {
  const match = {
    id: 'final@cup',
    kind: 'match',
    title: 'Final',
    startMs,
    endMs: startMs + 7_200_000,
    expectedUplift: 12,
    source: 'cup',
  };
  const text = writeCalendar([match], Date.now());
  calendars.set(path, text.replace('END:VEVENT', `STATUS:${status}\r\nEND:VEVENT`));
}
/** 75 s from now, in whole seconds: within the lead. */
const soonMs = () => Math.ceil(Date.now() / 1_000) * 1_000 + 75_000;

test('a match brings nodes before its start; moved, they move with it; called off, they are given back', async () => {
  const file = join(installation.stateDir, 'football.yaml');
  writeFileSync(file, category);
  await pam(`apply -f ${file}`);
  const { listenUrl } = readInstallation(installation.stateDir)!.envoy;
  handle = temporal.client.workflow.getHandle(categoryWorkflowId('football'));
  traffic = setInterval(
    () =>
      void fetch(listenUrl).then(
        (answer) => answer.text(),
        () => undefined,
      ),
    500,
  );

  await until(
    'decisions on measured demand, with few nodes',
    (status) => status.forecast?.family === 'last-value' && hasFew(status),
  );
  const first = soonMs();
  announce(first);
  await pam(
    `feed add matches --type calendar --url ${web.url}${path} --category football --allow-private --every 1s`,
  );
  await until('more nodes take traffic', hasMany);
  expect(Date.now()).toBeLessThan(first);

  announce(first + 86_400_000);
  await until('the nodes of the moved match are removed', hasFew);

  const second = soonMs();
  announce(second);
  await until('more nodes take traffic again', hasMany);
  expect(Date.now()).toBeLessThan(second);

  announce(second, 'CANCELLED');
  await until('the nodes of the called-off match are removed', hasFew);
});
