/** The configuration's keys → an HTTP server that decrypts payloads for the Temporal UI and CLI while the command runs. */
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import type { CommandModule } from 'yargs';
import { loadConfig } from '../../../config/load';
import { PamError } from '../../../core/errors';
import { messageOf } from '../../../core/thrown';

interface CodecServerArguments {
  readonly config?: string;
  readonly host: string;
  readonly port: number;
  readonly 'ui-origin': string[];
  readonly 'allow-host': string[];
  readonly 'token-file': string | undefined;
}

// biome-ignore lint/complexity/noBannedTypes: yargs declares the options of a command that way
export const codecServerCommand: CommandModule<{}, CodecServerArguments> = {
  command: 'codec-server',
  describe: 'Decrypt payloads for the Temporal UI and CLI until interrupted',
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
        default: 8378,
        describe: 'port to listen on; 0 = a free one',
      })
      .option('ui-origin', {
        type: 'string',
        array: true,
        requiresArg: true,
        nargs: 1,
        default: [] as string[],
        describe:
          'origin of the Temporal UI, such as http://127.0.0.1:8233 (repeatable); the default is that of "pam up"',
      })
      .option('allow-host', {
        type: 'string',
        array: true,
        requiresArg: true,
        nargs: 1,
        default: [] as string[],
        describe: 'name by which this server is reached, besides the loopback ones (repeatable)',
      })
      .option('token-file', {
        type: 'string',
        requiresArg: true,
        describe: 'file with the token that callers must send; the default is PAM_CODEC_TOKEN',
      })
      .example('PAM_CODEC_TOKEN=$(openssl rand -hex 24) $0 codec-server', 'on this machine, port 8378')
      .epilogue(
        `The keys are those of temporal.encryption in pam.yaml (docs/access.md#encrypted-histories). POST /decode and /encode take {"payloads": …} as the Temporal UI and CLI send them. The token comes as "Authorization: Bearer TOKEN", or as the first part of the path for a UI without a login: http://127.0.0.1:8378/TOKEN. Beyond the loopback address put a proxy with TLS in front.

  temporal workflow show --workflow-id category:checkout \\
    --codec-endpoint http://127.0.0.1:8378 --codec-auth "Bearer $PAM_CODEC_TOKEN"

Answers: 200; 400, 413 a body that can't be read; 401 no token; 403 a page of another origin; 421 another Host; 422 a payload of another key. GET /healthz answers 200.`,
      ),
  handler: async (argv) => {
    const config = loadConfig({ file: argv.config });
    const { encryption } = config.temporal;
    if (encryption === undefined)
      throw new PamError(
        'INVALID_CONFIG',
        'temporal.encryption: expected keys: without it payloads are not encrypted',
      );
    const token = tokenOf(argv['token-file']);
    const { codecOf } = await import('../../../adapters/temporal/encryption/dataConverter.js');
    const { createCodecServer } = await import('../../../adapters/temporal/encryption/codecServer.js');
    const { readInstallation } = await import('../../../installation/installation.js');
    const ui = readInstallation(config.stateDir)?.temporal.uiUrl ?? null;
    const chosen = argv['ui-origin'].map(originOf);
    const server = createCodecServer({
      ...{ codec: codecOf(encryption), token, hosts: argv['allow-host'] },
      origins: chosen.length > 0 || ui === null ? chosen : [new URL(ui).origin],
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(argv.port, argv.host, resolve);
    }).catch((error: NodeJS.ErrnoException) => {
      throw new PamError('CONFLICT', `can't listen on ${argv.host}:${argv.port}: ${error.message}`);
    });
    process.stderr.write(`listening on http://${argv.host}:${(server.address() as AddressInfo).port}\n`);
    await new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  },
};

function tokenOf(file: string | undefined): string {
  if (file === undefined) {
    const token = process.env.PAM_CODEC_TOKEN;
    if (token === undefined || token === '')
      throw new PamError('INVALID_CONFIG', 'PAM_CODEC_TOKEN: expected the token that callers must send');
    return token;
  }
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new PamError('NOT_FOUND', `--token-file ${file}: ${messageOf(error)}`);
  }
}

function originOf(text: string): string {
  if (!URL.canParse(text) || new URL(text).origin !== text)
    throw new PamError(
      'INVALID_INPUT',
      `--ui-origin ${text}: expected scheme://host:port, such as http://127.0.0.1:8233`,
    );
  return text;
}
