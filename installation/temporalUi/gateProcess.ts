/** `node gateProcess.js PORT UI_PORT` → the gate before Temporal's UI, until SIGTERM. */
import { createGate } from './gate';

const [port = 0, uiPort = 0] = process.argv.slice(2).map(Number);
const server = createGate(uiPort);
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
server.on('error', (error) => {
  console.error(error.message);
  process.exit(70);
});
server.listen(port, '127.0.0.1');
