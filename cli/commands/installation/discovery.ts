/** The configuration → the process that tells the proxies what to route, in the foreground; or a bootstrap for a proxy. */
import type { CommandModule } from 'yargs';
import { loadConfig } from '../../../config/load';
import { PamError } from '../../../core/errors';

interface DiscoveryArguments {
  readonly config?: string;
  readonly 'print-bootstrap': boolean;
}

// biome-ignore lint/complexity/noBannedTypes: yargs declares the options of a command that way
export const discoveryCommand: CommandModule<{}, DiscoveryArguments> = {
  command: 'discovery',
  describe:
    'Tell the proxies what to route: serves xDS from the database, from its snapshot while that is gone',
  builder: (options) =>
    options
      .option('print-bootstrap', {
        type: 'boolean',
        default: false,
        describe: 'print what an Envoy is started with that this discovery feeds, and end',
      })
      .example('$0 discovery', 'runs until Ctrl-C; `pam up` starts one by itself')
      .example('$0 discovery --print-bootstrap > envoy.json; envoy -c envoy.json', 'a proxy of your own')
      .example(
        'PAM_DISCOVERY_LISTEN=10.0.0.5:18000 $0 discovery',
        'for proxies on other machines; discovery.tls in pam.yaml is needed then',
      )
      .epilogue(
        'It needs DATABASE_URL or what `pam up` started. Its folder (PAM_DISCOVERY_DIR) has its snapshot and its socket. docs/discovery.md says more.',
      ),
  handler: async (argv) => {
    const { withInstallation } = await import('../../../installation/runningConfig.js');
    const config = withInstallation(loadConfig({ file: argv.config }));
    if (!argv['print-bootstrap']) {
      const { discover } = await import('../../../workers/discovery.js');
      return discover(config);
    }
    const { bootstrap } = await import('../../../adapters/envoy/bootstrap.js');
    const { discoveryAddress } = await import('../../../config/discoveryAddress.js');
    const { tls } = config.discovery;
    const admin = new URL(config.envoy.adminUrl ?? 'http://127.0.0.1:9901');
    if (config.envoy.listenPort === 0)
      throw new PamError(
        'INVALID_CONFIG',
        'PAM_LISTEN_PORT (envoy.listenPort): expected the port at which requests enter the proxy',
      );
    const content = bootstrap({
      discovery: discoveryAddress(config),
      ...(tls === undefined ? {} : { tls }),
      admin: { host: admin.hostname, port: Number(admin.port || 80) },
      listen: { host: config.envoy.listenHost, port: config.envoy.listenPort },
    });
    process.stdout.write(`${JSON.stringify(content, null, 1)}\n`);
  },
};
