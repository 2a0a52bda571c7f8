/** How much history a model is fitted on, and how much is needed; the same in production and simulation. */

/** Four weekly seasons; older demand says little about tomorrow. */
export const trainingDays = 28;

/** Fewer measured bins than this support nothing better than the last value. */
export const fewestBinsToTrain = 240;

/** Bins that the baseline looks at, and so a category without a model. */
export const baselineBins = 720;
