/** Events pushed over HTTP while the command runs → stored events and signals to the categories. */
import type { AddressInfo } from 'node:net';
import type { CommandModule } from 'yargs';
import { PamError } from '../../../core/errors';

interface WebhookArguments {
  readonly config?: string;
  readonly host: string;
  readonly port: number;
  readonly callers: string | undefined;
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
      .option('callers', {
        type: 'string',
        requiresArg: true,
        describe: 'YAML or JSON file with those who may push, see below; default: PAM_WEBHOOK_CALLERS',
      })
      .example('PAM_WEBHOOK_TOKEN=$(openssl rand -hex 24) $0 webhook', 'on this machine, port 8377')
      .epilogue(
        `Without a file of callers the token of PAM_WEBHOOK_TOKEN may push to every category, as source "webhook". A file of callers (mode 600) binds each token to a source, categories and news feeds:

  callers:
    - source: crm                # of its events; it can't withdraw those of others
      tokenFrom: CRM_TOKEN       # a variable of the environment; or token: the token itself
      categories: [checkout, "shop-*"]
      feeds: [press]             # news feeds whose rules it may use; absent: none
      perMinute: 60              # pushes

POST /events with "Authorization: Bearer TOKEN" and one of

  {"category":"checkout","name":"flash sale","start":"2026-11-27T09:00:00Z","duration":"2h","uplift":3}
  {"category":"checkout","withdraw":"flash sale@2026-11-27T09:00:00.000Z"}
  {"feed":"press","news":{"title":"…","text":"…","url":"https://…","published":"2026-11-27T08:58:00Z"}}

The rules of the feed are applied to a news item; without "feed", those of all news feeds. Pushing the same again changes nothing. Answers: 200 with what happened; 400, 401, 403, 404, 413, 422 with {"error"}, which says what is wrong; 429 and 503: try again after the seconds in Retry-After. GET /healthz answers 200. Every push is logged on standard output: who, what, which categories, what came of it; no token.`,
      ),
  handler: async (argv) => {
    const { readCallers } = await import('../../webhook/readCallers.js');
    const callers = readCallers(argv.callers ?? process.env.PAM_WEBHOOK_CALLERS, process.env);
    const { pino } = await import('pino');
    const logger = pino({ name: 'webhook', timestamp: pino.stdTimeFunctions.isoTime });
    const { createWebhook } = await import('../../../adapters/webhook/index.js');
    const { receivePush } = await import('../../webhook/receivePush.js');
    const { withStores } = await import('../../connect/withStores.js');
    const { temporalError, withTemporal } = await import('../../connect/withTemporal.js');
    await withStores(argv.config, (database) =>
      withTemporal(argv.config, async ({ client, config }) => {
        const address = config.temporal.address ?? 'the configured address';
        const server = createWebhook({
          callers,
          now: Date.now,
          log: (entry) => logger.info(entry, 'push'),
          receive: (push, caller) =>
            receivePush(push, database, client, caller).catch((error: unknown) => {
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
