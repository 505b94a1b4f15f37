// Installs from the lock file and builds, when either is out of date. Uses Node alone, so that
// `./bench` and `npm test` work on a fresh clone. Safe to run from two shells at once.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const stampDir = join(root, "node_modules", ".sheaf");
const lockDir = join(root, ".sheaf-bootstrap.lock");
const LOCK_WAIT_MS = 15 * 60_000;

function installKey() {
  const hash = createHash("sha256");
  hash.update(`${process.version} ${process.platform} ${process.arch}\n`);
  hash.update(readFileSync(join(root, "package-lock.json")));
  return hash.digest("hex");
}

// Sizes and times, not contents: `tsc -b` itself decides what to compile; this only skips starting it.
function sourceKey() {
  const hash = createHash("sha256");
  for (const name of readdirSync(join(root, "packages")).sort()) {
    for (const path of sourceFiles(join(root, "packages", name))) {
      const { mtimeMs, size } = statSync(path);
      hash.update(`${path} ${mtimeMs} ${size}\n`);
    }
  }
  return hash.digest("hex");
}

function* sourceFiles(folder) {
  for (const top of ["package.json", "tsconfig.json"]) yield join(folder, top);
  yield* walk(join(folder, "src"));
}

function* walk(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else yield path;
  }
}

function stamped(name, key) {
  const file = join(stampDir, name);
  return existsSync(file) && readFileSync(file, "utf8") === key;
}

function stamp(name, key) {
  mkdirSync(stampDir, { recursive: true });
  writeFileSync(join(stampDir, name), key);
}

function fail(line) {
  process.stderr.write(`${line}\n`);
  process.exit(1);
}

/** Runs a step, showing its time while it works and its output only when it fails. */
function step(title, command, args) {
  return new Promise((resolve) => {
    const begun = Date.now();
    const seconds = () => Math.round((Date.now() - begun) / 1000);
    const terminal = process.stderr.isTTY;
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    if (!terminal) process.stderr.write(`${title} ...\n`);
    const ticker = setInterval(
      () => {
        process.stderr.write(terminal ? `\r${title} ... ${seconds()} s` : `${title} ... ${seconds()} s\n`);
      },
      terminal ? 500 : 20_000,
    );
    child.on("error", (error) => fail(`${title} failed: ${error.message}`));
    child.on("close", (status) => {
      clearInterval(ticker);
      if (status !== 0)
        fail(`\n${output.trim()}\n${title} failed (exit ${status}); mend the cause above and run again`);
      process.stderr.write(`${terminal ? "\r" : ""}${title}: done in ${seconds()} s\n`);
      resolve();
    });
  });
}

async function withLock(work) {
  const begun = Date.now();
  for (;;) {
    try {
      mkdirSync(lockDir);
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      const stale = Date.now() - statSync(lockDir, { throwIfNoEntry: false })?.mtimeMs > LOCK_WAIT_MS;
      if (stale) rmSync(lockDir, { recursive: true, force: true });
      else if (Date.now() - begun > LOCK_WAIT_MS)
        fail("another set-up has been running for 15 minutes; end it, then run again");
      else await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }
  const release = () => rmSync(lockDir, { recursive: true, force: true });
  process.on("exit", release);
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130));
  await work();
}

/** Brings `node_modules` and every `dist` up to date with the lock file and the sources. */
export async function bootstrap() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    fail(`Sheaf needs Node 20.19 or newer; this is ${process.version}`);
  }
  if (stamped("install", installKey()) && stamped("build", sourceKey())) return;
  await withLock(async () => {
    const npm = process.platform === "win32" ? "npm.cmd" : "npm";
    if (!stamped("install", installKey())) {
      await step("Installing dependencies (first use)", npm, ["ci", "--no-fund", "--no-audit"]);
      stamp("install", installKey());
    }
    if (!stamped("build", sourceKey())) {
      const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
      await step("Building", process.execPath, [tsc, "-b"]);
      stamp("build", sourceKey());
    }
  });
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  await bootstrap();
