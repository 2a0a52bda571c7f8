/** Jest's global teardown: what the set-up started is stopped by its process id, and its folders are deleted. */
import { stopTestServers } from './support/testServers';

export default stopTestServers;
