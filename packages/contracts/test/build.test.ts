import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { keccak256 } from "ethers";
import { afterAll, describe, expect, it } from "vitest";
import * as contracts from "../src/index.ts";
import { account, deploy } from "./evm.ts";

const home = fileURLToPath(new URL("..", import.meta.url));
const script = join(home, "scripts", "build.mjs");
const scratch = mkdtempSync(join(tmpdir(), "sheaf-contracts-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const artifacts = Object.values(contracts).filter(
  (value): value is typeof value & contracts.ContractArtifact => typeof value === "object" && "abi" in value,
);

describe("the build", () => {
  it("gives the committed files again, byte for byte", () => {
    const out = join(scratch, "again");
    execFileSync(process.execPath, [script, "--out", out]);
    expect(filesOf(out)).toEqual(filesOf(join(home, "src", "generated")));
  }, 300_000);

  it("exports every contract", () => {
    const generated = readdirSync(join(home, "src", "generated"));
    expect(artifacts).toHaveLength(generated.length);
  });

  it.each([
    [
      "a warning",
      { "A.sol": contract("function f() external { uint256 unused; }") },
      /Warning: .*\n.*A\.sol/,
    ],
    ["a syntax error", { "A.sol": contract("function") }, /Error/],
    ["an import that is not there", { "A.sol": `import "./B.sol";\n${contract("")}` }, /B\.sol/],
    ["immutables", { "A.sol": contract("uint256 public immutable made = block.number;") }, /has immutables/],
    [
      "linked libraries",
      {
        "A.sol": `import {L} from "./L.sol";\n${contract("function f() external { L.f(); }")}`,
        "L.sol": "library L { function f() external {} }",
      },
      /needs linking/,
    ],
    ["two contracts of one name", { "A.sol": contract(""), "b/A.sol": contract("") }, /name of another/],
  ])(
    "refuses %s and leaves no file",
    (title, sources, message) => {
      const { status, stderr, files } = build(title, sources);
      expect(status).toBe(1);
      expect(stderr).toMatch(message);
      expect(files).toEqual([]);
    },
    60_000,
  );

  it("takes imports across folders and skips what is not deployed", () => {
    const { status, stderr, files } = build("imports", {
      "MarketPlace.sol": `import {Base} from "./base/Base.sol";\ncontract MarketPlace is Base {}`,
      "base/Base.sol": `import {I} from "../I.sol";\nabstract contract Base is I {}`,
      "I.sol": "interface I {}",
    });
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(files.map(([name]) => name)).toEqual(["market-place.ts"]);
  });
});

describe.each(artifacts)("artifact $name", (artifact) => {
  it("has on chain the code it says", async () => {
    const inputs = artifact.abi.find(({ type }) => type === "constructor")?.inputs ?? [];
    const { code } = await deploy(
      artifact,
      account(0),
      inputs.map((_, i) => account(i)),
    );
    expect(await code()).toBe(artifact.deployedBytecode);
    expect(keccak256(artifact.deployedBytecode)).toBe(artifact.codeHash);
  });
});

function contract(body: string): string {
  return `contract A { ${body} }`;
}

function build(title: string, sources: Record<string, string>) {
  const source = join(scratch, title, "solidity");
  const out = join(scratch, title, "out");
  mkdirSync(out, { recursive: true });
  for (const [path, text] of Object.entries(sources)) {
    mkdirSync(join(source, path, ".."), { recursive: true });
    writeFileSync(
      join(source, path),
      `// SPDX-License-Identifier: Apache-2.0\npragma solidity 0.8.37;\n${text}\n`,
    );
  }
  const { status, stderr } = spawnSync(process.execPath, [script, "--source", source, "--out", out], {
    encoding: "utf8",
  });
  return { status, stderr, files: filesOf(out) };
}

function filesOf(folder: string): [string, string][] {
  return readdirSync(folder)
    .sort()
    .map((name) => [name, readFileSync(join(folder, name), "utf8")]);
}
