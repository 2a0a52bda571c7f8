/** How much history a model is fitted on and how little is not worth a fit; the same in production and simulation. */

/** Four weekly seasons; older demand tells more of the past than of tomorrow. */
export const trainingDays = 28;

/** Fewer measured bins than this carry nothing beyond the last value. */
export const fewestBinsToTrain = 240;

/** Bins that a category without a model is predicted from. */
export const anchorBins = 720;
