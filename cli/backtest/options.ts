/** Arguments of `pam backtest` as text → their meaning, or an error that says what would be right. */
import { PamError } from '../../core/errors';
import { familyNamed, modelFamilies } from '../../core/forecasting/families/families';
import { readDuration } from '../simulate/options';

export interface Horizon {
  /** As given: `5m`. */
  readonly name: string;
  readonly ms: number;
}

/** `5m,15m,1d` → horizons, each once. Throws PamError INVALID_INPUT. */
export function readHorizons(text: string): Horizon[] {
  const horizons = new Map<number, Horizon>();
  for (const name of text.split(',').map((part) => part.trim())) {
    const ms = readDuration('--horizon', name);
    if (ms <= 0)
      throw new PamError('INVALID_INPUT', `--horizon "${name}": expected a time ahead, such as 5m or 1d`);
    if (!horizons.has(ms)) horizons.set(ms, { name, ms });
  }
  return [...horizons.values()];
}

/** `all`, or names with commas → families in their order. Throws PamError INVALID_INPUT for an unknown one. */
export function readModels(text: string): string[] {
  if (text.trim() === 'all') return modelFamilies.map(({ name }) => name);
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length === 0)
    throw new PamError('INVALID_INPUT', '--models is empty: expected "all" or names with commas');
  return [...new Set(names.map((name) => familyNamed(name).name))];
}
