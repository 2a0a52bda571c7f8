/** The activities of each worker, built over their ports; the workflows import these types only. */
import { calculate } from './calculate';
import { chooseModel } from './chooseModel';
import { coded } from './coded';
import type { AllocationDependencies, FeedDependencies, TrainingDependencies } from './dependencies';
import { fetchFeed } from './fetchFeed';
import { fitCandidate } from './fitCandidate';
import { judgeIncumbent } from './judgeIncumbent';
import { loadFeed } from './loadFeed';
import { planTraining } from './planTraining';
import { predict } from './predict';
import { promoteModel } from './promoteModel';
import { recordEvents } from './recordEvents';
import { registerCategory } from './registerCategory';
import { removeNodes } from './removeNodes';
import { scale } from './scale';
import { storeEvents } from './storeEvents';
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

export function createFeedActivities(deps: FeedDependencies) {
  return {
    loadFeed: coded(loadFeed(deps)),
    fetchFeed: coded(fetchFeed(deps)),
    storeEvents: coded(storeEvents(deps)),
  };
}

export type AllocationActivities = ReturnType<typeof createAllocationActivities>;
export type TrainingActivities = ReturnType<typeof createTrainingActivities>;
export type FeedActivities = ReturnType<typeof createFeedActivities>;
