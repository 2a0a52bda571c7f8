/** What all categories together may have, and who holds how much of it. */
import type { FleetClaim, FleetGrant, FleetWish } from '../../../core/capacity/fleetShare';

export interface FleetRecord extends FleetClaim {
  /** Why less was granted than wished; null = it was not less. */
  readonly reason: string | null;
  readonly claimedMs: number;
}

export interface FleetStore {
  /** Most nodes of all categories together; null = no budget. */
  budget(): Promise<number | null>;
  setBudget(maxNodes: number | null, by: string): Promise<void>;
  /**
   * Settles a wish with nobody else between reading the others' claims and writing this one. Idempotent: the same wish
   * again replaces the claim.
   */
  claim(
    wish: FleetWish,
    atMs: number,
    grant: (others: readonly FleetClaim[], maxNodes: number | null) => FleetGrant,
  ): Promise<FleetGrant>;
  /** The category holds nothing any more. */
  release(category: string): Promise<void>;
  /** By category. */
  claims(): Promise<FleetRecord[]>;
}
