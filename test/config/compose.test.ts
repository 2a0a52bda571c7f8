/** docker-compose.yml and its Dockerfile, as far as they can be checked without an engine: nothing is run here. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { commands } from '../../cli/main';
import { projectRoot } from '../../config/projectRoot';
import { environmentNames } from '../../config/schema';
import { toolSpecifications } from '../../installation/tools/specification';

const root = projectRoot();
/** Read by a command itself, or by Pulumi. */
const beside = ['PAM_RUNTIME_PASSWORD', 'PAM_READER_PASSWORD', 'HOME'];
const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');

const service = z.strictObject({
  image: z
    .string()
    .regex(/^[\w./-]+:v?\d+\.\d+(\.\d+)?(@sha256:[0-9a-f]{64})?$/, 'expected an image with its exact version')
    .optional(),
  build: z.string().optional(),
  entrypoint: z.array(z.string()).optional(),
  command: z.array(z.string()).optional(),
  user: z.string().optional(),
  read_only: z.literal(true).optional(),
  cap_drop: z.tuple([z.literal('ALL')]).optional(),
  security_opt: z.tuple([z.literal('no-new-privileges:true')]),
  tmpfs: z.tuple([z.literal('/tmp')]).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string().regex(/^127\.0\.0\.1:\d+:\d+$/)).default([]),
  volumes: z.array(z.string().regex(/^([\w-]+:\/[\w/]+(:ro)?|\.\/[\w/.-]+:\/[\w/.-]+:ro)$/)).default([]),
  depends_on: z
    .record(
      z.string(),
      z.strictObject({
        condition: z.enum(['service_started', 'service_healthy', 'service_completed_successfully']),
      }),
    )
    .default({}),
  healthcheck: z
    .strictObject({
      test: z.array(z.string()).min(2),
      interval: z.string().regex(/^\d+s$/),
      timeout: z.string().regex(/^\d+s$/),
      retries: z.number().int(),
    })
    .optional(),
  network_mode: z.string().optional(),
  restart: z.enum(['no', 'unless-stopped']).optional(),
  stop_grace_period: z
    .string()
    .regex(/^\d+s$/)
    .optional(),
});
const compose = z
  .looseObject({ services: z.record(z.string(), service), volumes: z.record(z.string(), z.null()) })
  .parse(parse(text, { merge: true }));
const services = Object.entries(compose.services);

test('it has every part of an installation', () => {
  expect(Object.keys(compose.services)).toEqual(
    expect.arrayContaining(['postgresql', 'temporal', 'temporal-ui', 'envoy', 'allocation', 'training']),
  );
});

test.each(services)('%s: image or build, dependencies, volumes resolve', (_name, part) => {
  expect([part.image, part.build].filter((source) => source !== undefined)).toHaveLength(1);
  if (part.build !== undefined) expect(existsSync(join(root, part.build, 'Dockerfile'))).toBe(true);
  for (const [other, { condition }] of Object.entries(part.depends_on)) {
    const target = compose.services[other];
    expect(target).toBeDefined();
    if (condition === 'service_healthy') expect(target?.healthcheck).toBeDefined();
    if (condition === 'service_completed_successfully') expect(target?.restart).toBe('no');
  }
  for (const volume of part.volumes) {
    const [source = ''] = volume.split(':');
    if (source.startsWith('./')) expect(existsSync(join(root, source))).toBe(true);
    else expect(Object.keys(compose.volumes)).toContain(source);
  }
  if (part.network_mode !== undefined) {
    expect(Object.keys(compose.services)).toContain(part.network_mode.replace('service:', ''));
    // A service in another's network can publish no ports of its own.
    expect(part.ports).toEqual([]);
  }
});

test('no port of the host is taken twice, and dependencies have no cycle', () => {
  const ports = services.flatMap(([, part]) => part.ports.map((port) => port.split(':')[1]));
  expect(new Set(ports).size).toBe(ports.length);
  const visit = (name: string, path: string[]): void => {
    expect(path).not.toContain(name);
    for (const other of Object.keys(compose.services[name]?.depends_on ?? {})) visit(other, [...path, name]);
  };
  for (const [name] of services) visit(name, []);
});

test("PAM's containers have only variables that the configuration knows, naming services that exist", () => {
  for (const [name, part] of services.filter(([, { build }]) => build !== undefined)) {
    for (const variable of Object.keys(part.environment))
      expect([...Object.keys(environmentNames), ...beside]).toContain(variable);
    const address = part.environment.TEMPORAL_ADDRESS?.split(':')[0] ?? '';
    const database = /@([^:@]+):/.exec(part.environment.DATABASE_URL ?? '')?.[1] ?? '';
    for (const host of [address, database])
      expect({ name, known: Object.keys(compose.services).includes(host) }).toEqual({ name, known: true });
  }
});

test("the workers' commands are entries that the build makes, and the command line knows the other", () => {
  const calls = services
    .filter(([, { build }]) => build !== undefined)
    .map(([, { command }]) => command ?? []);
  for (const [script = '', ...args] of calls) {
    const source = script.startsWith('dist/') ? script.replace('dist/', '').replace('.js', '.ts') : script;
    expect(existsSync(join(root, source))).toBe(true);
    if (script === 'bin/pam') expect(commands.map(({ name }) => name)).toContain(args[0]);
  }
});

test('no password has a default or a value, and whoever forgets one is told what to do', () => {
  const password = /PASSWORD|PWD|SECRET|TOKEN/;
  const asked = [...text.matchAll(/\$\{(\w+)(\W[^}]*|)\}/g)].filter(([, name = '']) => password.test(name));
  expect(asked.length).toBeGreaterThan(8);
  for (const [whole, , rest] of asked)
    expect({ whole, rest }).toEqual({ whole, rest: ':?run deploy/compose/secrets.sh' });
  for (const [, { environment }] of services)
    for (const [name, value] of Object.entries(environment))
      if (password.test(name)) expect(value).toMatch(/^\$\{\w+:\?[^}]+\}$/);
  const folder = mkdtempSync(join(tmpdir(), 'pam-compose-'));
  const file = join(folder, '.env');
  const script = join(root, 'deploy/compose/secrets.sh');
  execFileSync(script, [file]);
  const made = readFileSync(file, 'utf8');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(() => execFileSync(script, [file], { stdio: 'pipe' })).toThrow(/exists/);
  rmSync(folder, { recursive: true });
  const names = [...made.matchAll(/^(\w+)=[0-9a-f]{48}$/gm)].map(([, name]) => name);
  expect(names.sort()).toEqual([...new Set(asked.map(([, name]) => name))].sort());
  for (const file of ['.gitignore', '.dockerignore'])
    expect(readFileSync(join(root, file), 'utf8')).toMatch(/^\.env$/m);
});

test("PAM's containers, Envoy and the set-up run without root, capabilities and a file system to write to", () => {
  // The others write into their file system when they start, as the file says beside them.
  const writing = ['postgresql', 'temporal', 'temporal-ui'];
  for (const [name, part] of services) {
    if (!writing.includes(name)) expect({ name, readOnly: part.read_only }).toEqual({ name, readOnly: true });
    if (name !== 'postgresql') expect({ name, dropped: part.cap_drop }).toEqual({ name, dropped: ['ALL'] });
  }
  const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
  expect(last).toMatch(/^USER node$/m);
  for (const [, image] of dockerfile.matchAll(/^FROM (\S+)/gm)) expect(image).toMatch(/:\d+\.\d+\.\d+-/);
  expect(compose.services.envoy?.image).toBe(`envoyproxy/envoy:v${toolSpecifications.envoy.version}`);
});

test('the scripts of the set-up are shell, and the owner of the tables is no superuser', () => {
  for (const script of ['databases', 'temporal-schema', 'temporal-namespace', 'secrets'])
    execFileSync('sh', ['-n', join(root, 'deploy/compose', `${script}.sh`)]);
  expect(readFileSync(join(root, 'deploy/compose/databases.sh'), 'utf8')).not.toMatch(/SUPERUSER/);
});

test('the Dockerfile copies what exists and builds the pinned Pulumi', () => {
  for (const [, sources] of dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm))
    for (const source of sources?.split(' ') ?? []) expect(existsSync(join(root, source))).toBe(true);
  expect(dockerfile).toContain(`version.Version=v${toolSpecifications.pulumi.version}'`);
  const stages = [...dockerfile.matchAll(/^FROM \S+ AS (\w+)$/gm)].map(([, stage]) => stage);
  for (const [, stage] of dockerfile.matchAll(/--from=(\w+)/g)) expect(stages).toContain(stage);
});
