/** What was measured, by name, in a folder: a run that was cut short goes on from there. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../adapters/files/replaceFile';

export class Kept {
  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true });
  }

  /** null: it was not measured before, and `mayMeasure` forbids to do it now. */
  async of<Content>(
    name: string,
    mayMeasure: () => boolean,
    make: () => Promise<Content>,
  ): Promise<Content | null> {
    const known = this.read<Content>(name);
    if (known !== null || !mayMeasure()) return known;
    const file = this.fileOf(name);
    const began = performance.now();
    const content = await make();
    replaceFile(file, JSON.stringify(content));
    process.stderr.write(`${name}: ${((performance.now() - began) / 1_000).toFixed(0)} s\n`);
    return content;
  }

  /** null: it was not measured before. */
  read<Content>(name: string): Content | null {
    const file = this.fileOf(name);
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
  }

  private fileOf(name: string): string {
    return join(this.folder, `${name.replaceAll(/[^\w.-]+/g, '-')}.json`);
  }
}
