import { registerCategory } from '../../../activities/allocation/registerCategory';
import { checkProviderSettings } from '../../../adapters/nodes/providerSettings';
import { type CategorySettings, categoryInput } from '../../../core/category/settings';

const shop = { name: 'shop', match: { pathPrefix: '/shop' } };
const registered: CategorySettings[] = [];
const categories = {
  put: async (settings: CategorySettings) => {
    registered.push(settings);
  },
} as Parameters<typeof registerCategory>[0]['categories'];
const register = registerCategory({ categories, checkProviderSettings });

test('a category is registered with the part of its node provider as it is written', async () => {
  const settings = categoryInput.parse({ ...shop, local: { bootTime: '2s' } });
  await register(settings);
  expect(registered.splice(0)).toEqual([settings]);
});

test('settings that the node provider does not take are refused with every field, and not registered', async () => {
  const settings = categoryInput.parse({ ...shop, local: { bootTime: 'soon', colour: 'red' } });
  await expect(register(settings)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    retryable: false,
    message: expect.stringMatching(
      /^input: local\.bootTime: expected a duration.*; local\.colour: no such setting/,
    ),
  });
  expect(registered).toEqual([]);
});
