/** Training activities of a scripted world: every configuration wastes what the test says; the choice is the real one. */
import type { TrainingActivities } from '../../activities/createActivities';
import type { BlockCost } from '../../core/evaluation/costs/planCost';
import { widerConfigurations } from '../../core/evaluation/selection/searchSpace';
import { type Configuration, chooseContender, described } from '../../core/evaluation/selection/selection';
import { type CandidateSummary, lostCandidate } from '../../workflows/contracts';

export class ScriptedTraining {
  families: readonly string[] = ['boosted', 'prophet'];
  /** What serves, and how much of the latest days it has not seen. */
  incumbent: { modelId: string; configuration: Configuration; waste: number; unseenBins: number } | null =
    null;
  rolledBack: string | null = null;
  /** Cost above foresight as a share of it, by `described` configuration; 0.5 for those that are not named. */
  waste: Record<string, number> = { boosted: 0.3, prophet: 0.4 };
  /** Configurations whose activity throws this error. */
  failing: Record<string, Error> = {};
  /** Waited for before a fit answers. */
  pause: (() => Promise<void>) | null = null;

  activities(note: (name: string, input: unknown) => void): TrainingActivities {
    return {
      planTraining: async (input) => {
        note('planTraining', input);
        return {
          toMs: 1_700_000_000_000,
          configurations: this.families.map((family) => ({ family, days: 28, parameters: {} })),
          measuredBins: 5_000,
          leftOut: [],
          incumbent:
            this.incumbent === null
              ? null
              : { modelId: this.incumbent.modelId, family: this.incumbent.configuration.family },
          rolledBack: this.rolledBack,
        };
      },
      judgeIncumbent: async (input) => {
        note('judgeIncumbent', input);
        const { configuration, waste, modelId } = this.incumbent!;
        return summary(configuration, modelId, waste);
      },
      fitCandidate: async (input) => {
        note('fitCandidate', input);
        await this.pause?.();
        const name = described(input.configuration);
        const failure = this.failing[name];
        if (failure !== undefined) throw failure;
        return this.waste[name] === Number.POSITIVE_INFINITY
          ? lostCandidate(input.configuration, 'took longer than its budget of 240 s')
          : summary(input.configuration, input.modelId, this.waste[name] ?? 0.5);
      },
      chooseModel: async (input) => {
        note('chooseModel', input);
        const contenders = input.candidates.flatMap(({ modelId, configuration, blocks }) =>
          modelId === null ? [] : [{ modelId, configuration, blocks }],
        );
        const serving =
          this.incumbent === null || input.incumbent === null
            ? null
            : {
                modelId: this.incumbent.modelId,
                configuration: input.incumbent.configuration,
                blocks: input.incumbent.blocks,
                unseenBins: this.incumbent.unseenBins,
              };
        return {
          ...chooseContender(contenders, serving, { risk: 0.01, refreshBins: 1_440 }),
          wider: widerConfigurations(
            contenders.map(({ configuration }) => configuration),
            28,
          ),
        };
      },
      promoteModel: async (input) => note('promoteModel', input),
    };
  }
}

function summary(configuration: Configuration, modelId: string, waste: number): CandidateSummary {
  const blocks = Array.from({ length: 12 }, (): BlockCost => {
    const at = { paid: 100 * (1 + waste), missing: 0, exceeded: 1, changes: 0 };
    return { demand: 90, foresight: 100, decisions: 360, at: [at, at, at] };
  });
  return {
    family: configuration.family,
    configuration,
    modelId,
    waste,
    realizedRisk: 0.01,
    decisions: 4_320,
    fitMs: 1,
    blocks,
    failure: null,
  };
}
