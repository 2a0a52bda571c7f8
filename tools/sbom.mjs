/**
 * The lock file and the pinned tools → dist/pam.cdx.json, an SBOM in CycloneDX: what runs in production, the outside tools
 * included. Offline. `make sbom`
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { outsideTools, root } from './dependencies.mjs';

const arguments_ = [
  '--package-lock-only',
  '--omit',
  'dev',
  '--output-reproducible',
  '--output-format',
  'JSON',
];
const made = execFileSync(join(root, 'node_modules', '.bin', 'cyclonedx-npm'), arguments_, {
  ...{ cwd: root, maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'inherit'] },
});
const sbom = JSON.parse(made);
const tools = outsideTools().map(({ title, version, licence, source, purl, name }) => ({
  ...{ type: 'application', name: title, version, 'bom-ref': `tool|${name}@${version}`, purl },
  licenses: [{ license: { id: licence } }],
  externalReferences: [{ type: 'website', url: source }],
}));
sbom.components.push(...tools);
const own = sbom.dependencies.find(({ ref }) => ref === sbom.metadata.component['bom-ref']);
own.dependsOn = [...(own.dependsOn ?? []), ...tools.map((tool) => tool['bom-ref'])];
sbom.dependencies.push(...tools.map((tool) => ({ ref: tool['bom-ref'] })));

const file = join(root, 'dist', 'pam.cdx.json');
mkdirSync(join(root, 'dist'), { recursive: true });
writeFileSync(file, `${JSON.stringify(sbom, null, 2)}\n`);
console.log(`${file}: ${sbom.components.length} components, CycloneDX ${sbom.specVersion}`);
