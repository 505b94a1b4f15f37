// Every rule of specs/*.md (a tag such as [QUORUM.1]) is named by code and by a test, and every tag that
// code or a test names is a rule.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const TAG = /\[([A-Z]+\.[0-9]+)\]/g;

function* files(folder, pattern) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== "node_modules" && entry.name !== "dist") yield* files(path, pattern);
    } else if (pattern.test(entry.name)) yield path;
  }
}

const tagsOf = (path) => [...readFileSync(path, "utf8").matchAll(TAG)].map((match) => match[1]);

function collect(paths) {
  const places = new Map();
  for (const path of paths) for (const tag of tagsOf(path)) places.set(tag, relative(root, path));
  return places;
}

// A rule is defined where its tag opens a line (after a heading, list, table or bold mark); elsewhere in a
// spec a tag refers to it.
const DEFINITION = /^\s*[#>|*-][#>|*\-\s]*\[([A-Z]+\.[0-9]+)\]/gm;
const rules = new Map();
const problems = [];
for (const path of files(join(root, "specs"), /\.md$/)) {
  const text = readFileSync(path, "utf8");
  for (const [, tag] of text.matchAll(DEFINITION)) {
    if (rules.has(tag))
      problems.push(`[${tag}] is defined in ${rules.get(tag)} and in ${relative(root, path)}`);
    rules.set(tag, relative(root, path));
  }
}

const packages = [...files(join(root, "packages"), /\.(ts|mts|sol)$/)];
const isTest = (path) => /[\\/]test[\\/]/.test(path) || path.endsWith("-suite.ts");
const inCode = collect(packages.filter((path) => !isTest(path)));
const inTests = collect(packages.filter(isTest));

for (const [tag, spec] of rules) {
  if (!inCode.has(tag)) problems.push(`[${tag}] of ${spec}: no code names it`);
  if (!inTests.has(tag)) problems.push(`[${tag}] of ${spec}: no test names it`);
}
for (const places of [inCode, inTests, collect(files(join(root, "specs"), /\.md$/))]) {
  for (const [tag, path] of places)
    if (!rules.has(tag)) problems.push(`${path}: [${tag}] is no rule of specs/`);
}
for (const problem of new Set(problems)) console.error(problem);
console.log(`spec tags: ${rules.size} rules, ${new Set(problems).size} problems`);
process.exit(problems.length === 0 ? 0 : 1);
