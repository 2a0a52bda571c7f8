/** Jest's global set-up of the project `workflows`: Temporal's command line and its time-skipping test server. */
import { putTools } from './support/testEnvironment';
import { testServers } from './support/testServers';

export default async function setUp() {
  await putTools(testServers(), ['temporal', 'temporal-test-server']);
}
