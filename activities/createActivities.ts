/** The activities of each worker, built over their ports; the workflows import these types only. */
import { calculate } from './allocation/calculate';
import { predict } from './allocation/predict';
import { recordEvents } from './allocation/recordEvents';
import { registerCategory } from './allocation/registerCategory';
import { removeNodes } from './allocation/removeNodes';
import { scale } from './allocation/scale';
import { TickBins } from './allocation/tickBins';
import { verify } from './allocation/verify';
import { fetchFeed } from './feeds/fetchFeed';
import { loadFeed } from './feeds/loadFeed';
import { storeEvents } from './feeds/storeEvents';
import { coded } from './frame/coded';
import type { AllocationDependencies, FeedDependencies, TrainingDependencies } from './frame/dependencies';
import { chooseModel } from './training/chooseModel';
import { fitCandidate } from './training/fitCandidate';
import { judgeIncumbent } from './training/judgeIncumbent';
import { planTraining } from './training/planTraining';
import { promoteModel } from './training/promoteModel';

export function createAllocationActivities(deps: AllocationDependencies) {
  const bins = new TickBins(deps.demand, deps.now);
  return {
    registerCategory: coded(registerCategory(deps)),
    recordEvents: coded(recordEvents(deps)),
    predict: coded(predict(deps, bins)),
    calculate: coded(calculate(deps, bins)),
    scale: coded(scale(deps)),
    verify: coded(verify(deps, bins)),
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
