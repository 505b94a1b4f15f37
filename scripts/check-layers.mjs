// Arrows between packages go down a layer, never sideways, never up (ARCHITECTURE.md). Fails with each
// import that breaks the table below, each import of a package that its package.json does not name, and
// each name in package.json or tsconfig.json that no source file uses.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** What each package may import, beside `base`, which everything may. */
const ALLOWED = {
  base: [],
  protocol: [],
  consensus: [],
  measure: [],
  federated: [],
  game: [],
  bus: [],
  contracts: [],
  node: ["protocol", "consensus"],
  launcher: ["protocol"],
  load: ["protocol", "measure", "contracts"],
  marketplace: ["protocol", "federated", "contracts", "bus"],
  ledgers: ["measure", "consensus", "bus"],
  reports: ["measure"],
  cli: "*",
};

const problems = [];

function* files(folder) {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== "generated") yield* files(path);
    } else if (/\.(ts|tsx|mts|mjs)$/.test(entry.name)) yield path;
  }
}

function imports(path) {
  const text = readFileSync(path, "utf8");
  // A call of `require` is an import only where Node's own was made.
  const { importedFiles } = ts.preProcessFile(text, true, text.includes("createRequire"));
  return importedFiles.map((imported) => imported.fileName);
}

const packageName = (specifier) =>
  specifier.startsWith("@") ? specifier.split("/").slice(0, 2).join("/") : specifier.split("/")[0];

function checkPackage(name) {
  const folder = join(root, "packages", name);
  const allowed = ALLOWED[name];
  if (allowed === undefined) {
    problems.push(`packages/${name}: not in the table of scripts/check-layers.mjs; give it a layer`);
    return;
  }
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const declared = new Set(Object.keys(manifest.dependencies ?? {}));
  const used = new Set();
  for (const path of files(join(folder, "src"))) {
    for (const specifier of imports(path)) {
      const where = relative(root, path);
      if (specifier.startsWith("node:")) continue;
      if (specifier.startsWith(".")) {
        const target = relative(folder, join(dirname(path), specifier));
        if (target.startsWith("..")) problems.push(`${where}: "${specifier}" reaches out of the package`);
        continue;
      }
      const imported = packageName(specifier);
      used.add(imported);
      if (!declared.has(imported))
        problems.push(`${where}: ${imported} is not in the package's dependencies`);
      if (!imported.startsWith("@sheaf/")) continue;
      const target = imported.slice("@sheaf/".length);
      if (target !== "base" && allowed !== "*" && !allowed.includes(target)) {
        problems.push(`${where}: ${name} may not import ${target}`);
      }
    }
  }
  for (const dependency of declared) {
    const runtimeOnly = manifest.sheaf?.runtimeOnly?.includes(dependency) ?? false;
    if (!used.has(dependency) && !runtimeOnly)
      problems.push(`packages/${name}: ${dependency} is declared and never imported`);
  }
  const { references = [] } = JSON.parse(readFileSync(join(folder, "tsconfig.json"), "utf8"));
  for (const { path } of references) {
    const target = `@sheaf/${path.split("/").at(-1)}`;
    if (!declared.has(target))
      problems.push(`packages/${name}/tsconfig.json: references ${path}, which is no dependency`);
  }
}

const names = readdirSync(join(root, "packages"));
names.forEach(checkPackage);
for (const problem of problems) console.error(problem);
console.log(`layers: ${names.length} packages, ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
