import { invalidInput } from "@sheaf/base";

/** `m01`, `m02`, ...: as many digits as the last one needs, so that ids sort as players do. */
export function defaultNames(players: number, prefix = "m"): string[] {
  const digits = String(players).length;
  return Array.from({ length: players }, (_, i) => `${prefix}${String(i + 1).padStart(digits, "0")}`);
}

/** `INVALID_INPUT` for an empty list, an id used twice, or one with a space, comma, quote or plus sign. */
export function checkNames(names: readonly string[], at: string): void {
  if (names.length === 0) throw invalidInput(at, "names nobody");
  const seen = new Set<string>();
  for (const name of names) {
    if (!/^[^\s,+"]+$/.test(name)) {
      throw invalidInput(at, `"${name}" is no id`, "ids have no space, comma, quote or plus sign");
    }
    if (seen.has(name)) throw invalidInput(at, `"${name}" is there twice`, "give each its own id");
    seen.add(name);
  }
}
