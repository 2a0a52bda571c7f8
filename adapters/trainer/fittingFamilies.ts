/** The families whose fit needs a library that core does without. For worker threads only. */
import { etsFamily } from '../../core/forecasting/families/curves/ets';
import { mstlFamily } from '../../core/forecasting/families/curves/mstl';
import { prophetFamily } from '../../core/forecasting/families/curves/prophet';
import { familyNamed } from '../../core/forecasting/families/families';
import { lstmFamily } from '../../core/forecasting/families/lstm/lstm';
import type { ModelFamily } from '../../core/forecasting/model';
import { forecastEts, forecastMstl } from './augursPath';
import { fitProphetCurve } from './prophetCurve';
import { trainNetwork } from './trainNetwork';

const withFitting: readonly ModelFamily[] = [
  prophetFamily(fitProphetCurve),
  mstlFamily(forecastMstl),
  etsFamily(forecastEts),
  lstmFamily(trainNetwork),
];

/** Like `familyNamed`, for a family that can be fitted here. Throws PamError INVALID_INPUT for an unknown name. */
export function fittingFamily(name: string): ModelFamily {
  const named = familyNamed(name);
  return withFitting.find((family) => family.name === named.name) ?? named;
}
