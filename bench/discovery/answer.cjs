// Answers every request on one port of all loopback addresses with the address that it was sent to: ten thousand nodes in one
// process. What it was told to make ill answers its health check and 500 to everything else.
const { createServer } = require('node:http');

const ill = new Set();
const server = createServer((request, answer) => {
  const address = request.socket.localAddress;
  if (request.url === '/healthz') return void answer.writeHead(200).end();
  answer.writeHead(ill.has(address) ? 500 : 200).end(address);
});
server.keepAliveTimeout = 60_000;
server.listen(Number(process.argv[2] ?? 0), '0.0.0.0', 4_096, () => process.send?.(server.address().port));
process.on('message', ({ address, isIll }) => (isIll ? ill.add(address) : ill.delete(address)));
process.on('disconnect', () => process.exit(0));
