/** Events that signals announced or withdrew → the store that every worker predicts from. */
import type { RecordEventsInput } from '../../workflows/contracts';
import type { AllocationDependencies } from '../frame/dependencies';

/** Returns the ids of withdrawals that named no known event. */
export function recordEvents({ events }: Pick<AllocationDependencies, 'events'>) {
  return async ({ category, announced, withdrawn }: RecordEventsInput): Promise<string[]> => {
    if (announced.length > 0) await events.put(category, announced);
    const unknown: string[] = [];
    for (const { id, source } of withdrawn) {
      if (!(await events.withdraw(category, source, id))) unknown.push(id);
    }
    return unknown;
  };
}
