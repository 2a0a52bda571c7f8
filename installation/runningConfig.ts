/**
 * The configuration → the same with the addresses of what `pam up` started: environment and file first, run.json for
 * what they leave open. Every command except `up` uses it.
 */
import type { Config } from '../config/schema';
import { type Installation, readInstallation } from './installation';

export function withInstallation(
  config: Config,
  installation: Installation | null = readInstallation(config.stateDir),
): Config {
  if (installation === null) return config;
  const { temporal, database, envoy, discovery, pulumi } = installation;
  const filled = <T extends object>(settings: T, found: Partial<T>): T => ({
    ...Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined && value !== '')),
    ...settings,
  });
  const entry = envoy.listenUrl === '' ? null : new URL(envoy.listenUrl);
  return {
    ...config,
    stateDir: installation.stateDir,
    temporal: plainIfOurs(filled(config.temporal, { address: temporal.address }), temporal),
    database: filled(config.database, { url: database.url, readerUrl: readerOf(config, database) }),
    envoy: {
      ...filled(config.envoy, { adminUrl: envoy.adminUrl }),
      listenPort: config.envoy.listenPort || Number(entry?.port ?? 0),
    },
    discovery: filled(config.discovery, { listen: discovery.address }),
    pulumi: filled(config.pulumi, { backendUrl: pulumi.backendUrl }),
  };
}

/** Not the embedded reader beside a database that the configuration names. */
function readerOf({ database }: Config, found: Installation['database']): string | undefined {
  return database.url === undefined || database.url === found.url ? found.readerUrl : undefined;
}

/** Our own server has no TLS, and a key of someone's profile is not for it. */
function plainIfOurs(settings: Config['temporal'], ours: Installation['temporal']): Config['temporal'] {
  return ours.uiUrl !== null && settings.address === ours.address ? { ...settings, tls: false } : settings;
}
