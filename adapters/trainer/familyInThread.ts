/** A trainer → a family that fits in its threads, for programs that replay history with any family. */
import { familyNamed } from '../../core/forecasting/families/families';
import type { ModelFamily } from '../../core/forecasting/model';
import { trainingDays } from '../../core/forecasting/trainingWindow';
import type { Trainer } from '../../ports/trainer';

/** Throws PamError INVALID_INPUT for a name that no family has. */
export function familyInThread(name: string, trainer: Trainer): ModelFamily {
  const family = familyNamed(name);
  return {
    ...family,
    async fit(history, { events }, options) {
      const { state } = await trainer.fit({
        configuration: { family: name, days: trainingDays, parameters: {} },
        history,
        events,
        options,
        judging: null,
        previous: null,
        refitWithinMs: 0,
      });
      return family.load(state);
    },
  };
}
