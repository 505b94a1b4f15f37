import { EVM, EVMMockBlockchain, NobleBN254 } from "@ethereumjs/evm";
import { bytesToHex, createRandom, type Hex } from "@sheaf/base";
import { keccak256 } from "@sheaf/protocol";
import { describe, expect, it } from "vitest";
import { BlockState } from "../../src/execution/block-state.ts";
import { chainRules } from "../../src/execution/chain-rules.ts";
import { environmentOfBlock } from "../../src/execution/environment-of-block.ts";
import { evmAddress } from "../../src/execution/evm-address.ts";
import { FlatEvm } from "../../src/execution/flat-evm.ts";
import { createProgramCache } from "../../src/execution/program-cache.ts";
import { stateChanges } from "../../src/execution/state-changes.ts";
import { createStateManager } from "../../src/execution/state-manager.ts";
import { assemble } from "../../src/execution/suite/assemble.ts";
import type { StateReader } from "../../src/ports.ts";
import { EMPTY_ACCOUNT, EMPTY_CODE_HASH } from "../../src/state/account.ts";
import { testGenesis } from "../support/genesis.ts";
import { BINARY, program, type World } from "./random-program.ts";

// The library's own instruction loop over the same state is the oracle for ours: equal gas, output, logs,
// refund and state for any program.

const PROGRAMS = Number(process.env["SHEAF_EVM_PROGRAMS"] ?? 2_500);
const SEED = process.env["SHEAF_EVM_SEED"] ?? "oracle";
const GAS = 400_000;
const address = (digit: string): Hex => `0x${digit.repeat(40)}`;
const SENDER = address("a");
const CONTRACTS = [address("b"), address("c"), address("d")];
const PROPOSER = address("e");

const WORLD: World = { targets: [SENDER, ...CONTRACTS, address("9")], without: [] };

const genesis = testGenesis();
const rules = chainRules(genesis);
const environment = environmentOfBlock(
  { number: 5, timestampMs: 0, proposer: PROPOSER, parentHash: address("0"), blockHash: () => undefined },
  genesis,
);

const HEADER = {
  number: environment.number,
  coinbase: evmAddress(PROPOSER),
  timestamp: environment.timestamp,
  difficulty: 0n,
  prevRandao: new Uint8Array(32),
  gasLimit: environment.gasLimit,
  baseFeePerGas: environment.baseFee,
  getBlobGasPrice: () => 1n,
};

function worldOf(codes: readonly Uint8Array[]): StateReader {
  const byHash = new Map(codes.map((code) => [bytesToHex(keccak256(code)), code]));
  const hashes = codes.map((code) => (code.length === 0 ? EMPTY_CODE_HASH : bytesToHex(keccak256(code))));
  return {
    version: 0,
    account(of) {
      const contract = CONTRACTS.indexOf(of);
      if (of === SENDER) return { nonce: 7n, balance: 10n ** 18n, codeHash: EMPTY_CODE_HASH };
      if (contract < 0) return EMPTY_ACCOUNT;
      return { nonce: 1n, balance: 1_000n * BigInt(contract), codeHash: hashes[contract] as Hex };
    },
    code: (hash) => byHash.get(hash) ?? new Uint8Array(0),
    storage(of, slot) {
      const word = new Uint8Array(32);
      if (BigInt(slot) === 1n && CONTRACTS.includes(of)) word[31] = 5;
      return word;
    },
  };
}

interface Case {
  readonly head: StateReader;
  readonly to: Hex | undefined;
  readonly data: Uint8Array;
  readonly value: bigint;
}

/** Which of two faults is named first is no matter: all but a revert take all gas and all effects. */
function endOf(failure: string | undefined): "success" | "revert" | "halt" {
  if (failure === undefined) return "success";
  return failure === "revert" ? "revert" : "halt";
}

async function ours({ head, to, data, value }: Case) {
  const state = new BlockState(head);
  const evm = new FlatEvm(rules, createStateManager(state), createProgramCache());
  state.beginTransaction();
  const sender = state.account(SENDER);
  state.setNonce(sender, sender.nonce + 1n);
  state.warm(sender);
  const scope = { state, environment, origin: sender, gasPrice: 0n };
  const self = to === undefined ? undefined : state.account(to);
  if (self !== undefined) state.warm(self);
  const result = await evm.transact(
    scope,
    self === undefined
      ? { creates: true, caller: sender, value, initCode: data, salt: undefined, gas: GAS, depth: 0 }
      : {
          creates: false,
          caller: sender,
          self,
          codeOf: self,
          value,
          transfers: true,
          input: data,
          gas: GAS,
          isStatic: false,
          depth: 0,
        },
  );
  const refund = state.refund;
  state.endTransaction();
  const { failure, gasUsed, output } = result;
  const kept = failure === undefined || failure === "revert" ? bytesToHex(output) : "0x";
  const logs = state.logs.map((log) => [log.address, log.topics, bytesToHex(log.data)]);
  return { end: endOf(failure), gasUsed, refund, output: kept, logs, changes: stateChanges(state, head) };
}

async function theirs({ head, to, data, value }: Case) {
  const state = new BlockState(head);
  const evm = new EVM({
    common: rules,
    stateManager: createStateManager(state),
    bn254: new NobleBN254(),
    blockchain: new EVMMockBlockchain(),
    customPrecompiles: [{ address: "0x000000000000000000000000000000000000000a" }],
  });
  state.beginTransaction();
  const sender = state.account(SENDER);
  state.setNonce(sender, sender.nonce + 1n);
  for (const warm of [SENDER, ...(to === undefined ? [] : [to])]) evm.journal.addAlwaysWarmAddress(warm);
  for (const name of evm.precompiles.keys()) evm.journal.addAlwaysWarmAddress(name);
  const { execResult } = await evm.runCall({
    block: { header: HEADER },
    caller: evmAddress(SENDER),
    ...(to === undefined ? {} : { to: evmAddress(to) }),
    gasLimit: BigInt(GAS),
    data,
    value,
    skipNonceIncrement: true,
  });
  for (const destroyed of execResult.selfdestruct?.keys() ?? []) {
    if (execResult.createdAddresses?.has(destroyed)) state.destroy(state.account(destroyed as Hex));
  }
  state.endTransaction();
  const failure = execResult.exceptionError?.error;
  const kept = failure === undefined || failure === "revert" ? bytesToHex(execResult.returnValue) : "0x";
  const logs = (execResult.logs ?? []).map(([from, topics, body]) => [
    bytesToHex(from),
    topics.map((topic) => bytesToHex(topic)),
    bytesToHex(body),
  ]);
  return {
    end: endOf(failure),
    gasUsed: Number(execResult.executionGasUsed),
    refund: Number(execResult.gasRefund ?? 0n),
    output: kept,
    logs,
    changes: stateChanges(state, head),
  };
}

/** Words at and around the places where arithmetic turns. */
const EDGES = [
  0n,
  1n,
  2n,
  30n,
  31n,
  32n,
  33n,
  127n,
  128n,
  255n,
  256n,
  257n,
  2n ** 64n,
  2n ** 160n - 1n,
].concat([2n ** 255n - 1n, 2n ** 255n, 2n ** 255n + 1n, 2n ** 256n - 32n, 2n ** 256n - 2n, 2n ** 256n - 1n]);

describe("the instruction loop against the library's", () => {
  it.each([...BINARY, "ADDMOD", "MULMOD"])("gives equal words for %s of edge operands", async (name) => {
    const cases = EDGES.flatMap((a) => EDGES.map((b) => [b, a]));
    const operands = (pair: bigint[]) => (name.endsWith("MOD") && name.length > 4 ? [7n, ...pair] : pair);
    for (let first = 0; first < cases.length; first += 50) {
      const part = cases.slice(first, first + 50);
      const code = assemble(
        ...part.flatMap((pair, index) => [...operands(pair), name, index * 32, "MSTORE"]),
        ...[part.length * 32, 0, "RETURN"],
      );
      const one: Case = {
        head: worldOf([code, code, code]),
        to: CONTRACTS[0],
        data: new Uint8Array(0),
        value: 0n,
      };
      const [found, expected] = [await ours(one), await theirs(one)];
      expect(expected.output).toHaveLength(2 + part.length * 64);
      expect(found).toEqual(expected);
    }
  });

  it(`gives equal outcomes for ${PROGRAMS} random programs [STATE.9]`, {
    timeout: 60_000 + PROGRAMS * 30,
  }, async () => {
    let failures = 0;
    for (let index = 0; index < PROGRAMS; index++) {
      const random = createRandom(`${SEED}/${index}`);
      const codes = CONTRACTS.map(() => program(random, WORLD, 14));
      const creates = random.chance(0.2);
      const one: Case = {
        head: worldOf(codes),
        to: creates ? undefined : random.pick(CONTRACTS),
        data: creates ? program(random, WORLD, 10) : random.bytes(random.int(80)),
        value: random.chance(0.5) ? 0n : 12n,
      };
      const expected = await theirs(one);
      const found = await ours(one);
      if (expected.end !== "success") failures += 1;
      expect(found, `SHEAF_EVM_SEED=${SEED}/${index}`).toEqual(expected);
    }
    // Programs that all fail, or all succeed, would prove little.
    expect(failures).toBeGreaterThan(PROGRAMS / 20);
    expect(failures).toBeLessThan((PROGRAMS * 19) / 20);
  });
});
