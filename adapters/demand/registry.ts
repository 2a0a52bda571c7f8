/** The sources of demand that there are: one line each. docs/extending/demand-source.md says how to add one. */
import { demandSourceOf } from '../../core/category/demand';
import type { DemandSourceName } from '../../core/category/demandSources';
import type { DemandSource, DemandSources } from '../../ports/demandSource';
import { createEnvoySource, type EnvoySourceOptions } from './envoy/envoySource';
import { createImportsSource } from './imports/importsSource';

/** What the sources are made from. */
export type DemandSourceOptions = EnvoySourceOptions;

const sources: Readonly<Record<DemandSourceName, (options: DemandSourceOptions) => DemandSource>> = {
  envoy: createEnvoySource,
  imports: createImportsSource,
};

export function createDemandSources(options: DemandSourceOptions): DemandSources {
  const made = Object.fromEntries(
    Object.entries(sources).map(([name, create]) => [name, create(options)]),
  ) as Record<DemandSourceName, DemandSource>;
  return { all: Object.values(made), of: (category) => made[demandSourceOf(category)] };
}
