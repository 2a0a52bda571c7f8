/** Workflows of today replay what was recorded before: a changed order of commands without `patched()` fails here. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { bundledWorkflows, quiet } from './stage';

jest.setTimeout(60_000);
beforeAll(quiet);

const folder = join(__dirname, '..', 'histories');
const recorded = readdirSync(folder).filter((file) => file.endsWith('.json'));

/** The id is in the file's name: `category.checkout.every-signal.json` is of `category:checkout`. */
function workflowIdOf(file: string): string {
  return file.split('.').slice(0, 2).join(':');
}

async function replay(file: string, history: string): Promise<void> {
  await Worker.runReplayHistory(
    { workflowBundle: await bundledWorkflows(), replayName: file },
    historyFromJSON(JSON.parse(history)),
    workflowIdOf(file),
  );
}

test('there is something to replay', () => {
  expect(recorded.length).toBeGreaterThanOrEqual(3);
});

test.each(recorded)('%s replays', async (file) => {
  await replay(file, readFileSync(join(folder, file), 'utf8'));
});

test('a history with predict and calculate the other way round does not replay', async () => {
  const file = 'category.checkout.every-signal.json';
  const broken = readFileSync(join(folder, file), 'utf8')
    .replaceAll('"name": "predict"', '"name": "swapped"')
    .replaceAll('"name": "calculate"', '"name": "predict"')
    .replaceAll('"name": "swapped"', '"name": "calculate"');
  await expect(replay(file, broken)).rejects.toThrow(DeterminismViolationError);
});
