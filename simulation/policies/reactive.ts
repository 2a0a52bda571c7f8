/**
 * The rule of the Kubernetes Horizontal Pod Autoscaler: the last bin against a target utilization, 10 % tolerance, and
 * a scale-down to no less than the highest wish of the last 5 minutes.
 */
import { nodesFor } from '../../core/capacity/decide';
import type { Decider, EvaluatedTrace, Policy } from '../replay';

/** `--horizontal-pod-autoscaler-tolerance` and `--horizontal-pod-autoscaler-downscale-stabilization`, their defaults. */
const tolerance = 0.1;
const stabilizationMs = 300_000;

export function reactive(target: number): Policy {
  return { name: 'reactive', knob: `${target}`, start: (trace) => reactiveDecider(trace, target) };
}

/** The autoscaler at work. Without a measured last bin it changes nothing, as the HPA without metrics. */
export function reactiveDecider(trace: EvaluatedTrace, target: number): Decider {
  const { requestsPerNodeBin, series } = trace;
  const stabilizationBins = Math.floor(stabilizationMs / series.clock.binMs);
  const wishes: number[] = [];
  return {
    decide({ past, planned }) {
      const last = past.counts.at(-1) ?? Number.NaN;
      const current = planned ?? 1;
      if (Number.isNaN(last)) {
        // Before the first decision an earlier bin is better than nothing.
        const earlier = planned === null ? past.counts.findLast((count) => !Number.isNaN(count)) : undefined;
        return { nodes: earlier === undefined ? current : nodesFor(earlier, requestsPerNodeBin * target) };
      }
      const usage = last / (current * requestsPerNodeBin * target);
      const within = planned !== null && Math.abs(usage - 1) <= tolerance;
      const wish = within ? current : Math.max(1, nodesFor(last, requestsPerNodeBin * target));
      wishes.push(wish);
      if (wishes.length > stabilizationBins + 1) wishes.shift();
      return { nodes: Math.max(wish, Math.min(current, Math.max(...wishes))) };
    },
  };
}
