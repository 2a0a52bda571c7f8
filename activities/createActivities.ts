/** The activities of each worker, built over their ports; the workflows import these types only. */
import { type CategorySettings, settingsInUse } from '../core/category/settings';
import { orderRefusals } from '../core/policy/nodeLimits';
import { feedRefusals, nameRefusals } from '../core/policy/refusals';
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
import { parsed } from './frame/parsed';
import { calculateInput, predictInput, removeNodesInput, scaleInput, verifyInput } from './inputs/allocation';
import { feedNameInput, fetchFeedInput, recordEventsInput, storeEventsInput } from './inputs/events';
import {
  chooseModelInput,
  fitCandidateInput,
  judgeIncumbentInput,
  planTrainingInput,
  promoteModelInput,
} from './inputs/training';
import { chooseModel } from './training/chooseModel';
import { fitCandidate } from './training/fitCandidate';
import { judgeIncumbent } from './training/judgeIncumbent';
import { planTraining } from './training/planTraining';
import { promoteModel } from './training/promoteModel';

/** Each parses its input and refuses what the policy of this worker does not allow, before anything is done. */
export function createAllocationActivities(deps: AllocationDependencies) {
  const bins = new TickBins(deps.demand, deps.now);
  const { policy, refusedNodeSettings } = deps;
  const categoryRefusals = (settings: CategorySettings) => [
    ...nameRefusals(settings.name, policy),
    ...refusedNodeSettings(settings),
  ];
  return {
    registerCategory: coded(
      parsed('registerCategory', settingsInUse, registerCategory(deps), categoryRefusals),
    ),
    recordEvents: coded(parsed('recordEvents', recordEventsInput, recordEvents(deps))),
    predict: coded(parsed('predict', predictInput, predict(deps, bins))),
    calculate: coded(parsed('calculate', calculateInput, calculate(deps, bins))),
    scale: coded(
      parsed('scale', scaleInput, scale(deps), async ({ settings, nodes }) => [
        ...categoryRefusals(settings),
        ...orderRefusals(settings.name, nodes, await deps.fleet.claims(), policy),
      ]),
    ),
    verify: coded(parsed('verify', verifyInput, verify(deps, bins))),
    removeNodes: coded(parsed('removeNodes', removeNodesInput, removeNodes(deps))),
  };
}

export function createTrainingActivities(deps: TrainingDependencies) {
  return {
    planTraining: coded(parsed('planTraining', planTrainingInput, planTraining(deps))),
    judgeIncumbent: coded(parsed('judgeIncumbent', judgeIncumbentInput, judgeIncumbent(deps))),
    fitCandidate: coded(parsed('fitCandidate', fitCandidateInput, fitCandidate(deps))),
    chooseModel: coded(parsed('chooseModel', chooseModelInput, chooseModel(deps))),
    promoteModel: coded(parsed('promoteModel', promoteModelInput, promoteModel(deps))),
  };
}

export function createFeedActivities(deps: FeedDependencies) {
  const { policy } = deps;
  return {
    loadFeed: coded(parsed('loadFeed', feedNameInput, loadFeed(deps))),
    fetchFeed: coded(
      parsed('fetchFeed', fetchFeedInput, fetchFeed(deps), ({ definition }) =>
        feedRefusals(definition, policy),
      ),
    ),
    storeEvents: coded(
      parsed('storeEvents', storeEventsInput, storeEvents(deps), ({ definition, withdraw }) =>
        withdraw ? [] : feedRefusals(definition, policy),
      ),
    ),
  };
}

export type AllocationActivities = ReturnType<typeof createAllocationActivities>;
export type TrainingActivities = ReturnType<typeof createTrainingActivities>;
export type FeedActivities = ReturnType<typeof createFeedActivities>;
