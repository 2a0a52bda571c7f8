/** Maintenance windows and overrides that are to come → nodes that must be on order now, so that they are there in time. */
import {
  type ComingWindow,
  isInReach,
  type Preparation,
  preparationFor,
  type WindowNeed,
  windowOrders,
} from '../../core/capacity/comingWindows';
import { nodesFor } from '../../core/capacity/decide';
import type { CalculateInput } from '../../workflows/contracts';
import type { AllocationDependencies } from '../frame/dependencies';

/** Days back whose demand at the same time tells what a window will need: yesterday, and the same day of last week. */
const daysBack = [1, 7];

/** null when nothing needs ordering yet. Reads demand only for a window whose order can't wait. */
export async function prepareWindows(
  { demand }: Pick<AllocationDependencies, 'demand'>,
  input: CalculateInput,
  requestsPerNodeBin: number,
): Promise<Preparation | null> {
  const { settings, atMs, predicted } = input;
  const { binMs, nodes } = settings;
  const step = { atMs, binMs, maxStepUp: nodes.maxStepUp };
  const leadMs = predicted === null ? settings.leadMs : predicted.leadBins * binMs;
  const reached = windowOrders(announced(input), atMs, leadMs).filter((order) =>
    isInReach(order, nodes.max, step),
  );
  const needs = await Promise.all(
    reached.map(async (order): Promise<WindowNeed> => {
      const { window } = order;
      if (window.nodes !== null) return { ...order, nodes: window.nodes, basis: 'as asked for' };
      const peak = Math.max(await earlierPeak(window), forecastIn(window, input));
      return {
        ...order,
        nodes: nodesFor(peak * (1 + settings.headroom), requestsPerNodeBin),
        basis: `highest bin of ${Math.round(peak)} requests at that time, by forecast, the day and the week before`,
      };
    }),
  );
  return preparationFor(needs, step);

  /** Requests in the highest bin of the same time on the days before; 0 where nothing was measured. */
  async function earlierPeak({ fromMs, toMs }: ComingWindow): Promise<number> {
    const endMs = Math.min(toMs, fromMs + settings.dayMs);
    const days = await Promise.all(
      daysBack.map((days) =>
        demand.totals(settings.name, fromMs - days * settings.dayMs, endMs - days * settings.dayMs),
      ),
    );
    return Math.max(0, ...days.flat().map(({ requests }) => requests));
  }
}

function announced({ settings, coming }: CalculateInput): ComingWindow[] {
  return [
    ...settings.maintenance.map(({ fromMs, toMs, nodes, reason }) => ({
      fromMs,
      toMs,
      nodes: nodes ?? null,
      reason,
      freezes: true,
    })),
    ...coming.map(({ fromMs, untilMs, nodes, reason }) => ({
      fromMs,
      toMs: untilMs,
      nodes,
      reason: `override (${reason})`,
      freezes: false,
    })),
  ];
}

/** The highest upper quantile of the horizons that fall into the window; 0 where none does. */
function forecastIn({ fromMs, toMs }: ComingWindow, { predicted }: CalculateInput): number {
  if (predicted === null) return 0;
  const inside = predicted.horizons.filter(({ aheadMs }) => {
    const timeMs = predicted.originMs + aheadMs;
    return fromMs <= timeMs && timeMs < toMs;
  });
  return Math.max(0, ...inside.map(({ upper }) => upper));
}
