/**
 * An exact cover of all of `size` elements by accepted sets, at least one of them with a gain, or `null`.
 * `accepted` has an entry for each of the 2^size sets: 0 not accepted, 1 accepted, 2 accepted with a gain; that of
 * the whole set is not looked at. The best cover of what is left is computed once for each remainder that comes
 * up: at most 3^size looks, in practice few, because few sets are accepted.
 */
export function coverExactly(accepted: Uint8Array, size: number): number[] | null {
  const whole = 2 ** size - 1;
  const byLowest = listByLowest(accepted, size);
  // 0 not yet known, 1 no cover, 2 a cover, 3 one with a gain.
  const known = new Uint8Array(whole + 1);
  known[0] = 2;

  function best(left: number): number {
    const before = known[left] as number;
    if (before !== 0) return before;
    let result = 1;
    for (const set of byLowest[lowestBit(left)] as readonly number[]) {
      if ((set & ~left) !== 0) continue;
      const rest = best(left & ~set);
      if (rest === 1) continue;
      result = Math.max(result, accepted[set] === 2 ? 3 : rest);
      if (result === 3) break;
    }
    known[left] = result;
    return result;
  }

  return best(whole) === 3 ? rebuild(accepted, byLowest, whole, best) : null;
}

function rebuild(
  accepted: Uint8Array,
  byLowest: readonly (readonly number[])[],
  whole: number,
  best: (left: number) => number,
): number[] {
  const cover: number[] = [];
  let left = whole;
  let wanted = 3;
  while (left !== 0) {
    for (const set of byLowest[lowestBit(left)] as readonly number[]) {
      if ((set & ~left) !== 0) continue;
      const rest = best(left & ~set);
      if (rest === 1 || Math.max(accepted[set] === 2 ? 3 : 2, rest) < wanted) continue;
      if (accepted[set] === 2) wanted = 2;
      cover.push(set);
      left &= ~set;
      break;
    }
  }
  return cover;
}

function listByLowest(accepted: Uint8Array, size: number): number[][] {
  const out = Array.from({ length: size }, (): number[] => []);
  for (let set = 1; set < accepted.length - 1; set++) {
    if (accepted[set] !== 0) out[lowestBit(set)]?.push(set);
  }
  return out;
}

function lowestBit(set: number): number {
  return 31 - Math.clz32(set & -set);
}
