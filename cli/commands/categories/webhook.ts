/** Events pushed over HTTP while the command runs → stored events and signals to the categories. */
import type { AddressInfo } from 'node:net';
import type { CommandModule } from 'yargs';
import { PamError } from '../../../core/errors';

interface WebhookArguments {
  readonly config?: string;
  readonly host: string;
  readonly port: number;
}

// biome-ignore lint/complexity/noBannedTypes: yargs declares the options of a command that way
export const webhookCommand: CommandModule<{}, WebhookArguments> = {
  command: 'webhook',
  describe: 'Receive pushed events and news items over HTTP until interrupted',
  builder: (options) =>
    options
      .option('host', {
        type: 'string',
        requiresArg: true,
        default: '127.0.0.1',
        describe: 'address to listen on',
      })
      .option('port', {
        type: 'number',
        requiresArg: true,
        default: 8377,
        describe: 'port to listen on; 0 = a free one',
      })
      .example('PAM_WEBHOOK_TOKEN=$(openssl rand -hex 24) $0 webhook', 'on this machine, port 8377')
      .epilogue(
        `POST /events with "Authorization: Bearer TOKEN" and one of

  {"category":"checkout","name":"flash sale","start":"2026-11-27T09:00:00Z","duration":"2h","uplift":3}
  {"category":"checkout","withdraw":"flash sale@2026-11-27T09:00:00.000Z"}
  {"feed":"press","news":{"title":"…","text":"…","url":"https://…","published":"2026-11-27T08:58:00Z"}}

The rules of the feed are applied to a news item; without "feed", those of all news feeds. Pushing the same again changes nothing. Answers: 200 with what happened; 400, 401, 404, 413, 422 with {"error"}, which says what is wrong; 503: try again. GET /healthz answers 200.`,
      ),
  handler: async (argv) => {
    const token = process.env.PAM_WEBHOOK_TOKEN;
    if (token === undefined || token === '')
      throw new PamError('INVALID_CONFIG', 'PAM_WEBHOOK_TOKEN: expected the token that callers must send');
    const { createWebhook } = await import('../../../adapters/webhook/index.js');
    const { receivePush } = await import('../../webhook/receivePush.js');
    const { withStores } = await import('../../connect/withStores.js');
    const { temporalError, withTemporal } = await import('../../connect/withTemporal.js');
    await withStores(argv.config, (database) =>
      withTemporal(argv.config, async ({ client, config }) => {
        const address = config.temporal.address ?? 'the configured address';
        const server = createWebhook({
          token,
          now: Date.now,
          receive: (push) =>
            receivePush(push, database, client).catch((error: unknown) => {
              throw temporalError(error, address, config.temporal.namespace);
            }),
        });
        await new Promise<void>((resolve, reject) => {
          server.once('error', reject);
          server.listen(argv.port, argv.host, resolve);
        }).catch((error: NodeJS.ErrnoException) => {
          throw new PamError('CONFLICT', `can't listen on ${argv.host}:${argv.port}: ${error.message}`);
        });
        const { port } = server.address() as AddressInfo;
        process.stderr.write(`listening on http://${argv.host}:${port}/events\n`);
        await new Promise<void>((resolve) => {
          for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
        });
        await new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeIdleConnections();
        });
      }),
    );
  },
};
