/**
 * The main job, end to end: real requests through a real Envoy to real node processes while a known steep ramp comes
 * (the generated morning of `checkout`, which rises by more than a half in 25 minutes of trace). The nodes it needs take traffic before it does.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DemoResult } from '../../cli/demo/result/result';
import { type OwnInstallation, ownInstallation, type Ran } from '../support/pamProcess';

jest.setTimeout(300_000);

let installation: OwnInstallation;
let ran: Ran;
let result: DemoResult;

beforeAll(async () => {
  installation = ownInstallation();
  const file = join(installation.stateDir, 'result.json');
  ran = await installation.shell(`bin/pam demo --minutes 30 --plain --json ${file}`, 280_000);
  result = JSON.parse(readFileSync(file, 'utf8')) as DemoResult;
});
afterAll(() => installation?.remove());

test('requests were sent and none failed', () => {
  expect(result.categories.map(({ category }) => category)).toEqual(['checkout', 'search', 'reports']);
  for (const { load } of result.categories) {
    expect(load.sent).toBeGreaterThan(1_000);
    expect(load.failed).toBe(0);
  }
  expect(result.failures).toEqual({});
});

test('nodes took traffic before the ramp needed them', () => {
  const checkout = result.categories[0] as DemoResult['categories'][number];
  expect(checkout.readiness.needed).toBeGreaterThanOrEqual(2);
  expect(checkout.readiness.ready / checkout.readiness.needed).toBeGreaterThanOrEqual(0.75);
  expect(checkout.load.ownPool / checkout.load.ok).toBeGreaterThan(0.95);
});

test('what the calendar has was announced by a feed from a file, and the nodes were held against it', () => {
  expect(ran.stderr).toMatch(/search: the feed demo-search announces 1 events; .*\/feeds\/demo-search\.ics/);
  expect(result.categories.map(({ occasions }) => occasions.length)).toEqual([0, 1, 0]);
  expect(result.categories[1]?.occasions[0]).toMatchObject({ title: expect.stringContaining('Campaign') });
});

test('every category decided on a trained model and stopped with its nodes removed', () => {
  for (const { decisions, forecast } of result.categories) {
    expect(decisions.onForecastBins / decisions.bins).toBeGreaterThan(0.8);
    expect(forecast.trainedModel).not.toBeNull();
  }
  expect({ shortcomings: result.shortcomings, code: ran.code }).toEqual({ shortcomings: [], code: 0 });
});
