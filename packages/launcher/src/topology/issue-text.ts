import { z } from "zod";
import type { InputProblem } from "./yaml-input.ts";

type Issue = z.core.$ZodIssue;

/**
 * The issues without unions: of a union's alternatives, the one that the value was meant to be, which
 * is one of its type, if any, with the fewest unknown keys (then the fewest issues, then the first).
 */
export function flattenIssues(issues: readonly Issue[]): readonly Issue[] {
  return issues.flatMap((issue): readonly Issue[] => {
    if (issue.code !== "invalid_union" || issue.errors.length === 0) return [issue];
    if (issue.message !== "Invalid input") return [issue];
    const [meant] = [...issue.errors].sort(
      (a, b) =>
        Number(isOtherType(a)) - Number(isOtherType(b)) ||
        unknownKeys(a) - unknownKeys(b) ||
        a.length - b.length,
    );
    const placed = (meant ?? []).map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
    return flattenIssues(placed);
  });
}

/** What is wrong, in words for the person who wrote it. */
export function describeIssue(issue: Issue, schema: z.ZodType, value: unknown): InputProblem {
  const { path } = issue;
  switch (issue.code) {
    case "unrecognized_keys": {
      const key = issue.keys[0] ?? "";
      const known = knownKeys(schema, path, Object.keys(valueAt(value, path) ?? {}), key);
      const advice = `remove it or mend its name${known.length === 0 ? "" : `; known here: ${known.join(", ")}`}`;
      return { path: [...path, key], problem: "unknown key", advice };
    }
    case "invalid_type": {
      const found = valueAt(value, path);
      const advice = found === undefined ? "add the field" : undefined;
      const wanted = `must be ${article(issue.expected)}`;
      return {
        path,
        problem: found === undefined ? `is missing: ${wanted}` : `${wanted}, not ${shown(found)}`,
        advice,
      };
    }
    case "too_small":
      return {
        path,
        problem: outOfRange("least", issue.minimum, issue.inclusive !== false, issue.origin, value, path),
      };
    case "too_big":
      return {
        path,
        problem: outOfRange("most", issue.maximum, issue.inclusive !== false, issue.origin, value, path),
      };
    case "invalid_union": {
      const options: unknown = "options" in issue ? issue.options : undefined;
      if (!Array.isArray(options)) return { path, problem: issue.message };
      return {
        path,
        problem: `must be ${options.map(String).join(" or ")}, not ${shown(valueAt(value, path))}`,
      };
    }
    case "invalid_value":
      return {
        path,
        problem: `must be ${issue.values.map(String).join(" or ")}, not ${shown(valueAt(value, path))}`,
      };
    case "invalid_key":
      return { path, problem: issue.issues[0]?.message ?? "not a valid key" };
    case "invalid_format": {
      const wanted = issue.message.startsWith("must") ? issue.message : `must be ${issue.message}`;
      return { path, problem: `${wanted}, not ${shown(valueAt(value, path))}` };
    }
    default:
      return { path, problem: issue.message };
  }
}

function outOfRange(
  side: "least" | "most",
  bound: number | bigint,
  inclusive: boolean,
  origin: string,
  value: unknown,
  path: readonly PropertyKey[],
): string {
  const limit = inclusive ? `at ${side} ${bound}` : `${side === "least" ? "above" : "below"} ${bound}`;
  if (origin === "array") return `must have ${limit} ${bound === 1 ? "entry" : "entries"}`;
  if (origin === "string") return `must have ${limit} ${bound === 1 ? "character" : "characters"}`;
  return `must be ${limit}, not ${shown(valueAt(value, path))}`;
}

/** Whether what is wrong is the value as a whole, not something in it. */
function isOtherType(issues: readonly Issue[]): boolean {
  return issues.some(({ code, path }) => path.length === 0 && code !== "unrecognized_keys");
}

function unknownKeys(issues: readonly Issue[]): number {
  return issues.reduce((sum, issue) => sum + (issue.code === "unrecognized_keys" ? issue.keys.length : 0), 0);
}

/** Keys that the schema knows at `path`: of alternatives without `unknown`, the one with the most of `present`. */
function knownKeys(
  schema: z.ZodType,
  path: readonly PropertyKey[],
  present: readonly string[],
  unknown: string,
): readonly string[] {
  let found: readonly JsonSchema[] = [
    z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema,
  ];
  for (const part of path) {
    found = found.flatMap(alternatives).flatMap((each) => {
      const next = typeof part === "number" ? each.items : each.properties?.[String(part)];
      return next === undefined ? [] : [next];
    });
  }
  const candidates = found
    .flatMap(alternatives)
    .map((each) => Object.keys(each.properties ?? {}))
    .filter((keys) => !keys.includes(unknown));
  const overlap = (keys: readonly string[]): number => present.filter((key) => keys.includes(key)).length;
  return candidates.sort((a, b) => overlap(b) - overlap(a))[0] ?? [];
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

function alternatives(schema: JsonSchema): readonly JsonSchema[] {
  return schema.anyOf ?? schema.oneOf ?? [schema];
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, part) =>
      at !== null && typeof at === "object" ? (at as Record<PropertyKey, unknown>)[part] : undefined,
    value,
  );
}

function article(type: string): string {
  const names: Readonly<Record<string, string>> = {
    int: "a whole number",
    array: "a list",
    object: "a block of fields",
    record: "a block of fields",
    tuple: "a list",
    string: "a text",
  };
  return names[type] ?? `a ${type}`;
}

/** Short: a file that is something else entirely is not poured into a message. */
const MOST_SHOWN = 40;

function shown(value: unknown): string {
  if (typeof value === "string" && value.length > MOST_SHOWN)
    return `${JSON.stringify(value.slice(0, MOST_SHOWN))} and so on`;
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a block of fields";
  return JSON.stringify(value) ?? "nothing";
}
