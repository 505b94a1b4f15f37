import { readdir, readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { invalidInput } from "@sheaf/base";

/** What a file of `benchmarks/` describes. */
export type ExperimentKind = "benchmark" | "training" | "coalition";

const KINDS = {
  benchmark: { schema: "sheaf.benchmark/1", noun: "benchmark", command: "bench run" },
  training: { schema: "sheaf.training/1", noun: "training", command: "bench train" },
  coalition: { schema: "sheaf.coalitions/1", noun: "coalition game", command: "bench coalition" },
} as const satisfies Record<ExperimentKind, unknown>;

/** An experiment as it stands in its file. */
export interface ExperimentText {
  /** The file's name without `.yaml`. */
  readonly name: string;
  readonly path: string;
  readonly text: string;
}

/**
 * The experiment called `nameOrFile`: a file when it looks like a path, else one of `folder`. Raises `INVALID_INPUT`
 * when there is none, or when it is of another kind.
 */
export async function readExperiment(
  nameOrFile: string,
  folder: string,
  kind: ExperimentKind,
): Promise<ExperimentText> {
  const isPath = /[\\/]|\.ya?ml$/.test(nameOrFile);
  const path = isPath ? resolve(nameOrFile) : join(folder, `${nameOrFile}.yaml`);
  const text = await readFile(path, "utf8").catch(async () => {
    const known = (await listExperiments(folder)).filter((each) => each.kind === kind);
    const names = known.map(({ name }) => name).join(", ");
    throw invalidInput(
      nameOrFile,
      isPath ? "cannot be read" : `is no ${KINDS[kind].noun}`,
      `choose one of: ${names}, or name a file`,
    );
  });
  const found = kindOf(text);
  if (found !== undefined && found !== kind) {
    throw invalidInput(nameOrFile, `is a ${KINDS[found].noun}`, `use: ${KINDS[found].command} ${nameOrFile}`);
  }
  return { name: nameOf(path), path, text };
}

/** Names and kinds of the experiments in `folder`, sorted by name. */
export async function listExperiments(
  folder: string,
): Promise<readonly { readonly name: string; readonly kind: ExperimentKind }[]> {
  const files = (await readdir(folder)).filter((entry) => entry.endsWith(".yaml")).sort();
  return Promise.all(
    files.map(async (file) => ({
      name: nameOf(file),
      // A file that names no kind is read as a benchmark, whose reader says what is wrong with it.
      kind: kindOf(await readFile(join(folder, file), "utf8")) ?? "benchmark",
    })),
  );
}

function nameOf(path: string): string {
  return basename(path).replace(/\.ya?ml$/, "");
}

/** By the file's `schema`, which need not be otherwise in order; `undefined` when it names none. */
function kindOf(text: string): ExperimentKind | undefined {
  const schema = /^schema:\s*["']?([^\s"'#]+)/m.exec(text)?.[1];
  return (Object.keys(KINDS) as ExperimentKind[]).find((kind) => KINDS[kind].schema === schema);
}
