/** Every source that the settings may name is there under that name, and settles as the timetable of the loop expects. */
import { createDemandSources } from '../../../adapters/demand';
import { settleMsOf } from '../../../core/category/demand';
import { type DemandSourceName, demandSourceNames } from '../../../core/category/demandSources';
import { type CategoryInput, categoryInput } from '../../../core/category/settings';
import { memorySamples } from '../../support/memorySamples';

const sources = createDemandSources({
  admin: { counters: async () => ({ categories: new Map(), ageMs: 0, uptimeMs: 0 }) },
  routing: { endpoints: async () => [] },
  samples: memorySamples(),
  now: () => 0,
});

/** The least that a category writes of each. */
const least: Required<CategoryInput['demand'] & object> = { envoy: {}, imports: {} };
const written = (name: DemandSourceName): CategoryInput['demand'] => ({ [name]: least[name] });

test.each(demandSourceNames)('%s', (name) => {
  const settings = categoryInput.parse({
    name: 'orders',
    match: { pathPrefix: '/' },
    demand: written(name),
  });
  const source = sources.of(settings);
  expect(source.name).toBe(name);
  expect(sources.all).toContain(source);
  expect(source.settleMs(settings)).toBe(settleMsOf(settings));
  expect(settleMsOf(settings)).toBeLessThan(settings.binMs);
});

test('a category with a match and no source named is counted by Envoy', () => {
  expect(sources.of(categoryInput.parse({ name: 'orders', match: { pathPrefix: '/' } })).name).toBe('envoy');
});
