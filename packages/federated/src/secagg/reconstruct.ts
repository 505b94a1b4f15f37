import { bytesEqual, createRandom } from "@sheaf/base";
import { combineShares, lagrange } from "./shamir.ts";

const MOST_CHOICES = 1_000;

/** Shares of one secret by the point at which their holder's lie. */
export type SharesByPoint = ReadonlyMap<number, Uint8Array>;

export interface Reconstructor {
  /**
   * The secret for which `fits` holds: whether it is what its member committed to. Where the first choice of
   * shares gives another, somebody gave a wrong one, and other choices are tried; one that fits is preferred for
   * the secrets after it. `undefined` when none fits [SECAGG.10].
   */
  open(shares: SharesByPoint, fits: (secret: Uint8Array) => boolean): Uint8Array | undefined;
  /**
   * Points whose shares were found wrong in more than half of the secrets opened. Shares are compared from the first
   * wrong one on, so that it costs nothing where nobody lies.
   */
  faulty(): readonly number[];
}

/**
 * Opens secrets of one threshold. Lagrange's coefficients are computed once for each set of points, which in a
 * complete graph is the same for all members.
 */
export function createReconstructor(threshold: number): Reconstructor {
  const known = new Map<string, Uint16Array>();
  const wrong = new Map<number, number>();
  let preferred: readonly number[] = [];
  let opened = 0;

  function combine(shares: SharesByPoint, points: readonly number[], coefficients: Uint16Array): Uint8Array {
    return combineShares(
      coefficients,
      points.map((point) => shares.get(point) as Uint8Array),
    );
  }

  /** Lagrange's coefficients of the usual choice. */
  function coefficientsOf(points: readonly number[]): Uint16Array {
    const name = points.join();
    const coefficients = known.get(name) ?? lagrange(points);
    known.set(name, coefficients);
    return coefficients;
  }

  /** A choice of shares that fits, with its secret. */
  function search(shares: SharesByPoint, fits: (secret: Uint8Array) => boolean) {
    const liked = preferred.filter((point) => shares.has(point));
    const points = [...new Set([...liked, ...shares.keys()])];
    const first = points.slice(0, threshold);
    const secret = combine(shares, first, coefficientsOf(first));
    if (fits(secret)) return { chosen: first, secret };
    const random = createRandom("choices of shares");
    for (let choice = 0; choice < MOST_CHOICES && points.length > threshold; choice++) {
      const chosen = random.shuffle(points).slice(0, threshold);
      const other = combine(shares, chosen, lagrange(chosen));
      if (!fits(other)) continue;
      preferred = chosen;
      return { chosen, secret: other };
    }
    return undefined;
  }

  function compare(shares: SharesByPoint, chosen: readonly number[]): void {
    for (const [point, share] of shares) {
      if (chosen.includes(point)) continue;
      const right = combine(shares, chosen, lagrange(chosen, point));
      if (!bytesEqual(right, share)) wrong.set(point, (wrong.get(point) ?? 0) + 1);
    }
  }

  return {
    open(shares, fits) {
      const found = search(shares, fits);
      if (found === undefined) return undefined;
      opened++;
      if (preferred.length > 0) compare(shares, found.chosen);
      return found.secret;
    },
    faulty: () => [...wrong].filter(([, times]) => 2 * times > opened).map(([point]) => point),
  };
}
