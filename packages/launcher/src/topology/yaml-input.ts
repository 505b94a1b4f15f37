import { type BaseErrorDetail, type CodedError, invalidInput } from "@sheaf/base";
import { isMap, isNode, isScalar, LineCounter, type ParsedNode, parseDocument } from "yaml";
import type { z } from "zod";
import { describeIssue, flattenIssues } from "./issue-text.ts";

/** Something wrong with a value at a path, and what to do about it. */
export interface InputProblem {
  readonly path: readonly PropertyKey[];
  readonly problem: string;
  readonly advice?: string | undefined;
}

/**
 * Reads YAML that a person wrote. `check` finds what a schema cannot say.
 * Raises `INVALID_INPUT` for the first problem in the file, as
 * `networks/x.yaml:12: chains[0].validators: must be at least 1`.
 */
export function parseYamlInput<S extends z.ZodType>(
  text: string,
  file: string,
  schema: S,
  check: (value: z.infer<S>) => readonly InputProblem[] = () => [],
): z.infer<S> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: false });
  const broken = document.errors[0];
  if (broken !== undefined) {
    throw invalidInput(
      `${file}:${lines.linePos(broken.pos[0]).line}`,
      `not valid YAML (${broken.message.replace(/\s+/g, " ")})`,
      "mend the YAML: check indentation, colons and quotes on this line",
    );
  }
  const value: unknown = document.toJS();
  const parsed = schema.safeParse(value);
  const problems = parsed.success
    ? check(parsed.data)
    : flattenIssues(parsed.error.issues).map((issue) => describeIssue(issue, schema, value));
  const placed = problems
    .map((problem) => ({ ...problem, line: lines.linePos(offsetOf(document.contents, problem.path)).line }))
    .sort((a, b) => a.line - b.line)[0];
  if (placed !== undefined) throw inputError(`${file}:${placed.line}`, placed);
  return (parsed as { data: z.infer<S> }).data;
}

/** The error for a problem found in `source`, a file with or without a line, or a flag. */
export function inputError(source: string, problem: InputProblem): CodedError<BaseErrorDetail> {
  const field = pathText(problem.path);
  return invalidInput(field === "" ? source : `${source}: ${field}`, problem.problem, problem.advice);
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) =>
      typeof part === "number" ? `[${part}]` : `${index === 0 ? "" : "."}${String(part)}`,
    )
    .join("");
}

/** Where the value at `path` stands, or the key of it, or its nearest parent that is there. */
function offsetOf(contents: unknown, path: readonly PropertyKey[]): number {
  let node = contents;
  let offset = startOf(node as ParsedNode | null);
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part));
      if (pair === undefined) return offset;
      offset = startOf(pair.key as ParsedNode);
      node = pair.value;
    } else {
      node =
        isNode(node) && "get" in node
          ? (node as { get(key: unknown, keep: true): unknown }).get(part, true)
          : undefined;
      offset = isNode(node) ? startOf(node as ParsedNode) : offset;
    }
  }
  return offset;
}

function startOf(node: ParsedNode | null): number {
  return node?.range?.[0] ?? 0;
}
