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
    temporal: filled(config.temporal, { address: temporal.address }),
    database: filled(config.database, { url: database.url }),
    envoy: {
      ...filled(config.envoy, { adminUrl: envoy.adminUrl }),
      listenPort: config.envoy.listenPort || Number(entry?.port ?? 0),
    },
    discovery: filled(config.discovery, { listen: discovery.address }),
    pulumi: filled(config.pulumi, { backendUrl: pulumi.backendUrl }),
  };
}
