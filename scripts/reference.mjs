// Writes docs/reference.md from the schemas, or with --check fails when it is out of date.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const file = join(root, "docs", "reference.md");
const fromCli = createRequire(join(root, "packages", "cli", "package.json"));
const load = (path) => import(pathToFileURL(join(root, path)).href);
const { z } = await import(pathToFileURL(fromCli.resolve("zod")).href);
const { benchmarkSchema, coalitionSchema, trainingSchema } = await load("packages/cli/dist/index.js");
const { topologySchema } = await load("packages/launcher/dist/index.js");

const code = (value) => `\`${JSON.stringify(value)}\``;

function typeOf(schema) {
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(code).join(", ");
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches !== undefined) return [...new Set(branches.map(typeOf))].join(" or ");
  if (schema.type === "array") return `list of ${typeOf(schema.items ?? {})}`;
  if (schema.type === "object") return "object";
  const range = [];
  const low =
    schema.minimum ??
    (schema.exclusiveMinimum !== undefined ? `above ${schema.exclusiveMinimum}` : undefined);
  if (low !== undefined) range.push(typeof low === "number" ? `from ${low}` : low);
  if (schema.maximum !== undefined && schema.maximum < Number.MAX_SAFE_INTEGER)
    range.push(`to ${schema.maximum}`);
  return [schema.type ?? "any", ...range].join(" ");
}

/** Rows of a schema's fields, nested ones under their path. */
function* rows(schema, prefix) {
  for (const branch of schema.anyOf ?? schema.oneOf ?? schema.allOf ?? []) yield* rows(branch, prefix);
  if (schema.type === "array" && schema.items !== undefined)
    yield* rows(schema.items, `${prefix.replace(/\.$/, "")}[].`);
  if (typeof schema.additionalProperties === "object")
    yield* rows(schema.additionalProperties, `${prefix}<name>.`);
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const path = `${prefix}${name}`;
    const needed = schema.required?.includes(name) && field.default === undefined;
    const fallback = field.default !== undefined ? code(field.default) : needed ? "required" : "";
    yield { path, type: typeOf(field), fallback, text: field.description ?? "" };
    yield* rows(field, `${path}.`);
  }
}

function table(schema) {
  const json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  const seen = new Set();
  const lines = ["| field | type | default | meaning |", "| --- | --- | --- | --- |"];
  for (const { path, type, fallback, text } of rows(json, "")) {
    const line = `| \`${path}\` | ${type.replaceAll("|", "\\|")} | ${fallback.replaceAll("|", "\\|")} | ${text.replaceAll("|", "\\|")} |`;
    if (seen.has(line)) continue;
    seen.add(line);
    lines.push(line);
  }
  return lines.join("\n");
}

const page = `# Reference

Generated from the schemas by \`node scripts/reference.mjs\`. Unknown fields are errors.

## Benchmark files (\`benchmarks/*.yaml\`)

${table(benchmarkSchema)}

## Training files (\`benchmarks/*.yaml\` with \`schema: sheaf.training/1\`)

${table(trainingSchema)}

## Coalition files (\`benchmarks/*.yaml\` with \`schema: sheaf.coalitions/1\`)

${table(coalitionSchema)}

## Network files (\`networks/*.yaml\`)

${table(topologySchema)}
`;

if (process.argv.includes("--check")) {
  if (!existsSync(file) || readFileSync(file, "utf8") !== page) {
    console.error("docs/reference.md is out of date: run node scripts/reference.mjs");
    process.exit(1);
  }
} else {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, page);
}
