/** How often a tick reads the bins of its category: once, whatever steps it has. */
import { categoryInput } from '../../../core/category/settings';
import { InService } from '../../simulation/inService';

jest.setTimeout(120_000);

const settings = categoryInput.parse({ name: 'orders', match: { pathPrefix: '/' }, day: '3h' });
const demandAt = (index: number) => Math.round(600 + 300 * Math.sin((2 * Math.PI * index) / 180));

/** Reads of the ticks from bin `from` to bin `to`, each with a look in the middle of its bin. */
async function readsOf(service: InService, from: number, to: number) {
  const { reads } = service.demand;
  const before = { ...reads };
  for (let index = from; index < to; index++) {
    await service.ended('orders', index - 1, demandAt(index - 1));
    await service.tick(settings, index);
  }
  return {
    recent: reads.recent - before.recent,
    series: reads.series - before.series,
    totals: reads.totals - before.totals,
    span: reads.span - before.span,
  };
}

test('a tick reads its bins once: prediction, capacity, error budget, late share, scores and tests for drift', async () => {
  const service = new InService([settings]);
  for (let index = 0; index < 400; index++) await service.ended('orders', index, demandAt(index));
  // The tests for drift first catch up with older bins, some at a time.
  await readsOf(service, 401, 440);
  // Without a model it is asked how long the history is.
  expect(await readsOf(service, 440, 450)).toEqual({ recent: 10, series: 0, totals: 0, span: 10 });
  await service.train(settings, 'online-linear', 449);
  // A worker that has just loaded a model reads the bins since its training with the others.
  expect(await readsOf(service, 450, 470)).toEqual({ recent: 20, series: 0, totals: 0, span: 0 });
});

test('a worker that did not predict reads once, too', async () => {
  const service = new InService([settings]);
  for (let index = 0; index < 400; index++) await service.ended('orders', index, demandAt(index));
  await readsOf(service, 401, 440);
  const { reads } = service.demand;
  const before = { ...reads };
  await service.lookElsewhere(settings, 3);
  expect(reads).toMatchObject({ recent: before.recent + 1, series: before.series, totals: before.totals });
});
