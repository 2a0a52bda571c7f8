/** The activities of each worker, built over their ports; the workflows import these types only. */
import { calculate } from './calculate';
import { chooseModel } from './chooseModel';
import { coded } from './coded';
import type { AllocationDependencies, TrainingDependencies } from './dependencies';
import { fitCandidate } from './fitCandidate';
import { judgeIncumbent } from './judgeIncumbent';
import { planTraining } from './planTraining';
import { predict } from './predict';
import { promoteModel } from './promoteModel';
import { recordEvents } from './recordEvents';
import { registerCategory } from './registerCategory';
import { removeNodes } from './removeNodes';
import { scale } from './scale';
import { verify } from './verify';

export function createAllocationActivities(deps: AllocationDependencies) {
  return {
    registerCategory: coded(registerCategory(deps)),
    recordEvents: coded(recordEvents(deps)),
    predict: coded(predict(deps)),
    calculate: coded(calculate(deps)),
    scale: coded(scale(deps)),
    verify: coded(verify(deps)),
    removeNodes: coded(removeNodes(deps)),
  };
}

export function createTrainingActivities(deps: TrainingDependencies) {
  return {
    planTraining: coded(planTraining(deps)),
    judgeIncumbent: coded(judgeIncumbent(deps)),
    fitCandidate: coded(fitCandidate(deps)),
    chooseModel: coded(chooseModel(deps)),
    promoteModel: coded(promoteModel(deps)),
  };
}

export type AllocationActivities = ReturnType<typeof createAllocationActivities>;
export type TrainingActivities = ReturnType<typeof createTrainingActivities>;
