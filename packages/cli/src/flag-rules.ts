import { invalidInput } from "@sheaf/base";
import { describeIssue, flattenIssues, type InputProblem } from "@sheaf/launcher";
import type { z } from "zod";

/** An experiment as flags change it, before it is checked. */
export type Draft = Record<string, unknown>;

/** A flag, and the field that it changed. */
export interface Change {
  readonly option: string;
  readonly path: readonly string[];
}

/** A flag, the field that it replaces, and how its text becomes that field's value. */
export interface FlagRule<F> {
  readonly flag: keyof F & string;
  readonly path: readonly string[];
  readonly read: (text: string, option: string) => unknown;
}

/** Replaces the fields whose flags were given; tells which. */
export function applyFlags<F>(draft: Draft, flags: F, rules: readonly FlagRule<F>[]): Change[] {
  return rules.flatMap(({ flag, path, read }) => {
    const text = flags[flag] as string | undefined;
    if (text === undefined) return [];
    const option = optionOf(flag);
    setField(draft, path, read(text, option));
    return [{ option, path }];
  });
}

/**
 * The draft, parsed and settled: `settle` may change what nobody named to fit what was. Raises `INVALID_INPUT` naming
 * the flag that broke a field, else the field.
 */
export function checkDraft<S extends z.ZodType>(
  draft: Draft,
  changed: readonly Change[],
  schema: S,
  check: (value: z.infer<S>) => readonly InputProblem[],
  settle: (value: z.infer<S>) => z.infer<S> = (value) => value,
): z.infer<S> {
  const parsed = schema.safeParse(draft);
  const settled = parsed.success ? settle(parsed.data) : undefined;
  const problem = parsed.success
    ? check(settled as z.infer<S>)[0]
    : flattenIssues(parsed.error.issues).map((issue) => describeIssue(issue, schema, draft))[0];
  if (parsed.success && problem === undefined) return settled as z.infer<S>;
  const path = problem?.path.map(String) ?? [];
  const cause = changed.find((each) => each.path.every((part, index) => path[index] === part));
  throw invalidInput(cause?.option ?? path.join("."), problem?.problem ?? "does not fit", problem?.advice);
}

export function setField(draft: Draft, path: readonly string[], value: unknown): void {
  const last = path.at(-1) as string;
  let at = draft;
  for (const part of path.slice(0, -1)) at = at[part] as Draft;
  at[last] = value;
}

/** `groupSize` as `--group-size`. */
export function optionOf(flag: string): string {
  return `--${flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

export function whole(text: string, option: string): number {
  if (/^[0-9]{1,9}$/.test(text)) return Number(text);
  throw invalidInput(option, `"${text}" is not a whole number`, "give digits only");
}

export function decimal(text: string, option: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value)) return value;
  throw invalidInput(option, `"${text}" is not a number`, "give a number such as 0.5");
}

/** The seed of a run: any text of 1 to 128 characters. */
export function readSeed(text: string | undefined): string {
  if (text === undefined) return "sheaf";
  if (text !== "" && text.length <= 128) return text;
  throw invalidInput("--seed", `has ${text.length} characters`, "give from 1 to 128");
}

/** The parts of `text` between its colons: at most `most`. */
export function colonParts(text: string, most: number, option: string): readonly string[] {
  const found = text.split(":");
  if (found.length <= most) return found;
  throw invalidInput(option, `"${text}" has too many parts`, `give at most ${most} with colons between`);
}
