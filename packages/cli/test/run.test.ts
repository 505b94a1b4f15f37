import { type ChildProcess, spawn } from "node:child_process";
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseRunRecord, type RunSummary } from "@sheaf/measure";
import { openRun } from "@sheaf/reports";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

// The whole tool, as a user runs it: real validators, real load, real report.

const main = join(import.meta.dirname, "../dist/main.js");
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sheaf-cli-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(...words: string[]): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const child = spawn(process.execPath, [main, ...words], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<Ended>((resolve) =>
    child.on("close", (code) => resolve({ code, stdout, stderr })),
  );
  return { child, ended };
}

const bench = (...words: string[]): Promise<Ended> => start(...words).ended;

/** Processes that still run with `needle` on their command line. */
async function processesWith(needle: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (line.includes(needle) && Number(pid) !== process.pid) found.push(line.replaceAll("\0", " "));
  }
  return found;
}

/** A small pair of networks: short blocks, so that a run is a few seconds long. */
async function writeExperiment(
  name: string,
  options: { chains?: number; faults?: string; tx?: number } = {},
) {
  const network = (replicas: number) => `schema: sheaf.network/1
description: ${replicas} small chains
chains:
  - name: small
    replicas: ${replicas}
    validators: 4
    protocol: { blockPeriodMs: 300, emptyBlockPeriodMs: 600, transactionsPerBlock: 60, roundTimeoutMs: 1500 }
`;
  await writeFile(join(folder, `${name}-one.yaml`), network(1));
  await writeFile(join(folder, `${name}-many.yaml`), network(options.chains ?? 2));
  const candidate = `  - { name: many, role: candidate, network: ${name}-many.yaml }\n`;
  await writeFile(
    join(folder, `${name}.yaml`),
    `schema: sheaf.benchmark/1
title: ${name}
arms:
  - { name: one, role: baseline, network: ${name}-one.yaml }
${options.chains === undefined ? "" : candidate}load:
  workload: token
  transactions: ${options.tx ?? 1200}
  senders: 24
  mode: { kind: windowed, window: 240 }
${options.faults ?? ""}`,
  );
  return join(folder, `${name}.yaml`);
}

describe("bench run", () => {
  it("compares one chain with two, ends every process, and leaves a run that can be opened again", async () => {
    const file = await writeExperiment("compare", { chains: 2 });
    const out = join(folder, "compare-run");
    const { code, stdout, stderr } = await bench("run", file, "--json", "--out", out);
    expect(stderr).toContain("many: starting 8 validators");
    const summary = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as RunSummary;
    expect(summary).toMatchObject({ schema: "sheaf.run/1", valid: true, problems: [] });
    expect(code).toBe(0);
    expect(
      summary.arms.map(({ name, chains, offered, committed, lost, failed }) => [
        name,
        chains,
        offered,
        committed,
        lost,
        failed,
      ]),
    ).toEqual([
      ["one", 1, 1200, 1200, 0, 0],
      ["many", 2, 1200, 1200, 0, 0],
    ]);
    for (const { tps, latencyMs, peakRssMb } of summary.arms) {
      expect(tps).toBeGreaterThan(0);
      const { first, quorum, all } = latencyMs;
      expect(first.mean).toBeGreaterThan(0);
      expect(first.mean).toBeLessThanOrEqual(quorum.mean as number);
      expect(quorum.mean).toBeLessThanOrEqual(all.mean as number);
      expect(peakRssMb.validatorMax).toBeGreaterThan(10);
    }
    expect(summary.comparison?.speedup).toBeGreaterThan(0);
    expect(await processesWith(out)).toEqual([]);

    const { record, data } = await openRun(out);
    expect(record.arms.map((arm) => arm.stateCheck?.ok)).toEqual([true, true]);
    const rows = [...(data.arms[1]?.transactions.rows() ?? [])];
    expect(new Set(rows.map((row) => row.chain))).toEqual(new Set([0, 1]));
    for (const row of rows) {
      expect(row.sentMs).toBeGreaterThanOrEqual(row.scheduledMs as number);
      expect(row.firstMs).toBeLessThanOrEqual(row.allMs as number);
      expect(row.firstMs).toBeGreaterThan(row.sentMs as number);
    }

    const again = await bench("report", out, "--json");
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({ arms: summary.arms, comparison: summary.comparison });
  }, 180_000);

  it("goes on when one validator of four is killed, waits for it again after its return, and loses nothing", async () => {
    const faults = `faults:
  - { kind: kill, atMs: 2000, validator: 3 }
  - { kind: restart, atMs: 5000, validator: 3 }
`;
    const file = await writeExperiment("kill", { faults, tx: 2400 });
    const out = join(folder, "kill-run");
    const { stdout } = await bench("run", file, "--json", "--out", out);
    const summary = JSON.parse(stdout) as RunSummary;
    expect(summary.problems).toEqual([]);
    expect(summary.arms[0]).toMatchObject({ offered: 2400, committed: 2400, lost: 0, failed: 0 });
    const { record, data } = await openRun(out);
    const [arm] = record.arms;
    expect(arm?.faults).toMatchObject([{ kind: "kill", validator: 3, chain: 0 }]);
    expect(arm?.faults[0]?.endMs).toBeGreaterThan(5000);
    // The killed validator was not waited for while it was away, and it showed blocks again at the end.
    const blocks = data.arms[0]?.blocks ?? [];
    expect(blocks.filter((block) => block.transactions > 0).at(-1)?.seenMs[3]).not.toBeNull();
    expect(arm?.stateCheck?.ok).toBe(true);
  }, 180_000);

  it("is invalid when a fault that was asked for never came", async () => {
    const faults = "faults: [{ kind: kill, atMs: 900000, validator: 1 }]\n";
    const file = await writeExperiment("late-fault", { faults, tx: 300 });
    const { code, stdout } = await bench("run", file, "--json", "--out", join(folder, "late-fault-run"));
    expect(code).toBe(3);
    expect((JSON.parse(stdout) as RunSummary).problems.join()).toMatch(
      /kill validator 1 of small-1" never came/,
    );
  }, 120_000);

  it("writes what was measured when it is interrupted, and leaves nothing running", async () => {
    const file = await writeExperiment("interrupt", { tx: 60_000 });
    const out = join(folder, "interrupt-run");
    const { child, ended } = start("run", file, "--json", "--out", out);
    await new Promise<void>((resolve) => {
      child.stderr?.on("data", (chunk: Buffer) => {
        if (chunk.toString().includes("one: load")) setTimeout(resolve, 4000);
      });
    });
    child.kill("SIGINT");
    const { code, stdout } = await ended;
    expect(code).toBe(130);
    const summary = JSON.parse(stdout) as RunSummary;
    expect(summary.valid).toBe(false);
    expect(summary.problems.join()).toContain("interrupted");
    expect(summary.arms[0]?.committed).toBeGreaterThan(0);
    expect(parseRunRecord(JSON.parse(await readFile(join(out, "run.json"), "utf8"))).interrupted).toBe(true);
    expect(await processesWith("interrupt")).toEqual([]);
  }, 120_000);

  it("takes its validators with it when it is killed itself", async () => {
    const file = await writeExperiment("orphans", { tx: 60_000 });
    const { child, ended } = start("run", file, "--out", join(folder, "orphans-run"));
    await new Promise<void>((resolve) => {
      child.stderr?.on("data", (chunk: Buffer) => {
        if (chunk.toString().includes("one: load")) resolve();
      });
    });
    const mine = (await processesWith("-orphans-")).filter((line) => line.includes("validator"));
    expect(mine).toHaveLength(4);
    child.kill("SIGKILL");
    await ended;
    await expect.poll(() => processesWith("-orphans-"), { timeout: 10_000 }).toEqual([]);
  }, 120_000);
});

describe("bad input", () => {
  const cases: readonly (readonly [string, readonly string[], RegExp])[] = [
    ["an unknown benchmark", ["run", "nonsense"], /nonsense: is no benchmark: choose one of: .*multi-chain/],
    ["a file that is not there", ["run", "./none.yaml"], /none\.yaml: cannot be read/],
    ["bad YAML", ["run", "broken.yaml"], /broken\.yaml:3/],
    ["a negative count", ["run", "multi-chain", "--tx", "-5"], /--tx: "-5" is not a count/],
    ["no count", ["run", "multi-chain", "--tx"], /argument missing/],
    ["an unknown flag", ["run", "multi-chain", "--txs", "5"], /unknown option '--txs'/],
    ["an unknown command", ["launch"], /unknown command 'launch'/],
    ["an unknown arm", ["run", "multi-chain", "--only", "none"], /--only: there is no arm "none"/],
    [
      "a fault on a validator that is not there",
      ["run", "bad-fault.yaml"],
      /validator 9 of the first chain.*from 0 to 3/,
    ],
    ["a workload without applications", ["run", "bad-route.yaml"], /route/],
    ["a window that reaches no chain", ["run", "multi-chain", "--window", "2"], /window: 2 is smaller/],
    [
      "more validators than fit",
      ["run", "multi-chain", "--chains", "64", "--validators", "100"],
      /memory|validators/,
    ],
    ["a CSV that is not there", ["run", "multi-chain", "--input", "none.csv"], /none\.csv/],
    ["a broken CSV", ["run", "multi-chain", "--input", "broken.csv"], /broken\.csv/],
    ["an unwritable folder", ["run", "multi-chain", "--out", "/proc/none"], /--out \/proc\/none/],
    [
      "a folder that holds something",
      ["run", "multi-chain", "--out", "."],
      /--out \.: the folder is not empty/,
    ],
    ["an unreachable endpoint", ["run", "unreachable.yaml"], /127\.0\.0\.1:9.*does not answer/],
    ["a run that is not there", ["report", "none"], /none/],
    ["a network that is not there", ["network", "up", "none.yaml"], /none\.yaml/],
    ["a network that was never up", ["network", "down", "never"], /never/],
  ];

  beforeAll(async () => {
    await writeFile(join(folder, "broken.yaml"), "schema: sheaf.benchmark/1\narms: [\n");
    const base = (await readFile(await writeExperiment("bad"), "utf8")).trimEnd();
    await writeFile(
      join(folder, "bad-fault.yaml"),
      `${base}\nfaults: [{ kind: kill, atMs: 1, validator: 9 }]\n`,
    );
    await writeFile(join(folder, "bad-route.yaml"), `${base}\n  route: application\n`);
    await writeFile(join(folder, "broken.csv"), 'device,value\n"a,1\n');
    await writeFile(
      join(folder, "closed.yaml"),
      'schema: sheaf.network/1\ndescription: none\nchains:\n  - { name: x, endpoints: ["http://127.0.0.1:9"] }\n',
    );
    await writeFile(
      join(folder, "unreachable.yaml"),
      "schema: sheaf.benchmark/1\ntitle: T\narms: [{ name: a, role: baseline, network: closed.yaml }]\nload: { workload: token, transactions: 10, mode: { kind: windowed, window: 5 } }\n",
    );
  });

  it.each(cases)(
    "%s gets one clear line and exit code 2",
    async (_, words, message) => {
      const { code, stderr, stdout } = await bench(...words);
      expect(stderr).toMatch(message);
      expect(stdout).toBe("");
      expect(code).toBe(2);
      const lines = stderr
        .trim()
        .split("\n")
        .filter((line) => !line.startsWith("logs of"));
      expect(lines.at(-1)).toMatch(message);
      expect(stderr).not.toContain("    at ");
    },
    30_000,
  );

  it("leaves no folder behind when a run could not begin", async () => {
    const before = await readdir(folder);
    await bench("run", "unreachable.yaml", "--out", "fresh-folder");
    expect(await readdir(folder)).toEqual(before);
    await chmod(folder, 0o755);
  }, 30_000);
});
