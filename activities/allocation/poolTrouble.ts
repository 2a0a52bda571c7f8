/** A category → what lately happened to its nodes, in words. What keeps it from being read must not keep the loop. */
import { crashWindowMs } from '../../core/capacity/crashLoop';
import { repairToldMs, troubleInWords } from '../../core/capacity/troubleInWords';
import type { PoolTroubleStore } from '../../ports/stores/nodes/poolTroubleStore';

export async function poolTrouble(
  troubles: PoolTroubleStore | undefined,
  category: string,
  nowMs: number,
): Promise<string[]> {
  if (troubles === undefined) return [];
  try {
    const [ends, repairs] = await Promise.all([
      troubles.endsSince(category, nowMs - crashWindowMs),
      troubles.repairsSince(category, nowMs - repairToldMs),
    ]);
    return troubleInWords({ ends, repairs }, nowMs);
  } catch {
    return [];
  }
}
