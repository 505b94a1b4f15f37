import type { Address } from "../../chain/types.ts";

/** An analyst's offer, with what is thought of the analyst. */
export interface Offer {
  readonly analyst: Address;
  readonly feeWei: bigint;
  /** From 0 to 1, by the ratings on chain. */
  readonly trust: number;
}

/** How offers are weighed. */
export interface OfferPolicy {
  /** Analysts trusted less are left out. */
  readonly minTrust: number;
  /** How much trust a fee of the whole price is worth. The rest of the price is what attracts owners. */
  readonly feeWeight: number;
}

/**
 * The offer with the most trust less `feeWeight` times the fee's share of the price; of equal ones the lower
 * fee, then the lower address. `undefined` when none is acceptable [CONSUMER.3].
 */
export function chooseOffer(
  offers: readonly Offer[],
  priceWei: bigint,
  { minTrust, feeWeight }: OfferPolicy,
): Offer | undefined {
  const worth = ({ trust, feeWei }: Offer): number => trust - (feeWeight * Number(feeWei)) / Number(priceWei);
  return offers
    .filter(({ trust, feeWei }) => trust >= minTrust && feeWei <= priceWei)
    .sort(
      (a, b) => worth(b) - worth(a) || Number(a.feeWei - b.feeWei) || (a.analyst < b.analyst ? -1 : 1),
    )[0];
}
