import type { Common } from "@ethereumjs/common";
import { EVM, EVMError, type ExecResult, Message, NobleBN254, type PrecompileFunc } from "@ethereumjs/evm";
import { hexToBytes, invariant } from "@sheaf/base";
import { EMPTY_CODE_HASH } from "../state/account.ts";
import { evmAddress, hexOfAddress } from "./evm-address.ts";
import {
  type CallMessage,
  type CreateMessage,
  type Failure,
  Frame,
  type FrameStart,
  type MessageRequest,
  type MessageResult,
  type Scope,
} from "./interpreter/frame.ts";
import { programOf } from "./interpreter/instruction-table.ts";
import { run } from "./interpreter/run.ts";
import { createJournal } from "./journal-adapter.ts";
import type { ProgramCache } from "./program-cache.ts";
import type { FlatStateManager } from "./state-manager.ts";

/** The point evaluation of EIP-4844 needs blobs and a trusted setup: there are none [STATE.9]. */
const POINT_EVALUATION = "0x000000000000000000000000000000000000000a";
const NO_BYTES = new Uint8Array(0);
/** Instructions between two pauses: a few milliseconds. */
const SLICE = 100_000;
/**
 * Most gas that one call of a precompile may use [STATE.9]: its work cannot be paused, and in JavaScript
 * this much of the slowest takes about half a second.
 */
const PRECOMPILE_GAS = 1_000_000;
/** Frames that are kept for the next transaction. */
const KEPT_FRAMES = 16;

/**
 * The EVM of `@ethereumjs/evm` with an instruction loop and calls of our own, over `BlockState`: code is
 * decoded once, and neither an opcode nor a call makes library objects or waits for a promise each. Contract
 * creation and the precompiles are the library's. Runs one transaction at a time.
 */
export class FlatEvm extends EVM {
  readonly #manager: FlatStateManager;
  readonly #programs: ProgramCache;
  readonly #frames: Frame[] = [];
  /** Waited for after every slice of instructions. */
  pause: () => Promise<void> = async () => {};
  #scope: Scope | undefined;
  #left = SLICE;

  constructor(common: Common, manager: FlatStateManager, programs: ProgramCache) {
    super({
      common,
      stateManager: manager,
      bn254: new NobleBN254(),
      customPrecompiles: [{ address: POINT_EVALUATION }],
    });
    this.#manager = manager;
    this.#programs = programs;
    this.journal = createJournal(manager);
  }

  /** Runs the outermost message of a transaction. */
  transact(scope: Scope, message: CallMessage | CreateMessage): Promise<MessageResult> {
    this.#scope = scope;
    this.#manager.state = scope.state;
    this.#frames.length = Math.min(this.#frames.length, KEPT_FRAMES);
    return this.#send(message);
  }

  #send(message: CallMessage | CreateMessage): Promise<MessageResult> {
    return message.creates ? this.#create(message) : this.#call(message);
  }

  async #call(message: CallMessage): Promise<MessageResult> {
    const { state } = this.#inScope();
    const { caller, self, value } = message;
    state.checkpoint();
    if (message.transfers && value > 0n && caller !== self) {
      state.setBalance(caller, caller.balance - value);
      state.setBalance(self, self.balance + value);
    }
    const result = await this.#runCode(message);
    if (result.failure === undefined) state.commit();
    else state.revert();
    return result;
  }

  async #runCode(message: CallMessage): Promise<MessageResult> {
    const { input, gas, codeOf } = message;
    const precompile = this.precompiles.get(codeOf.address.slice(2));
    if (precompile !== undefined) return this.#runPrecompile(precompile, input, gas);
    if (codeOf.codeHash === EMPTY_CODE_HASH) {
      return { failure: undefined, output: NO_BYTES, gasUsed: 0, created: undefined };
    }
    const scope = this.#inScope();
    const code = scope.state.code(codeOf.codeHash);
    const program = this.#programs.get(codeOf.codeHash, code);
    const { self, caller, value, isStatic, depth } = message;
    return this.#runFrame({ scope, program, code, self, caller, value, input, gas, isStatic, depth });
  }

  /** A fault of a precompile is a failed call, the same on every validator, not the end of the process. */
  async #runPrecompile(code: PrecompileFunc, data: Uint8Array, gas: number): Promise<MessageResult> {
    try {
      const result = await this.runPrecompile(code, data, BigInt(Math.min(gas, PRECOMPILE_GAS)));
      const failure = result.exceptionError?.error;
      if (failure !== undefined) return { failure, output: NO_BYTES, gasUsed: gas, created: undefined };
      const gasUsed = Number(result.executionGasUsed);
      // The caller's frame pauses when the slice is used up.
      this.#left -= gasUsed;
      return { failure, output: result.returnValue, gasUsed, created: undefined };
    } catch {
      return { failure: "internal error", output: NO_BYTES, gasUsed: gas, created: undefined };
    }
  }

  async #create({ caller, value, initCode, salt, gas, depth }: CreateMessage): Promise<MessageResult> {
    const message = new Message({
      caller: evmAddress(caller.address),
      value,
      data: initCode,
      ...(salt === undefined ? {} : { salt: hexToBytes(salt) }),
      gasLimit: BigInt(gas),
      depth,
      createdAddresses: new Set(),
    });
    const { execResult, createdAddress } = await this.runCall({ message, skipNonceIncrement: true });
    const failure = execResult.exceptionError?.error;
    return {
      failure,
      output: execResult.returnValue,
      gasUsed: Number(execResult.executionGasUsed),
      created: failure === undefined && createdAddress ? hexOfAddress(createdAddress) : undefined,
    };
  }

  /** Where the library, in the middle of a creation, hands the initialisation code over. */
  protected override async runInterpreter(message: Message): Promise<ExecResult> {
    const scope = this.#inScope();
    const { to, caller, code, value, data, depth } = message;
    invariant(to !== undefined && code instanceof Uint8Array, "a creation without code");
    const self = scope.state.account(hexOfAddress(to));
    self.createdIn = scope.state.serial;
    const result = await this.#runFrame({
      scope,
      program: programOf(code),
      code,
      self,
      caller: scope.state.account(hexOfAddress(caller)),
      value,
      input: data,
      gas: Number(message.gasLimit),
      isStatic: false,
      depth,
    });
    const { failure, output, gasUsed } = result;
    const exceptionError = failure === undefined ? {} : { exceptionError: new EVMError(failure as Failure) };
    return { executionGasUsed: BigInt(gasUsed), returnValue: output, ...exceptionError };
  }

  async #runFrame(start: FrameStart): Promise<MessageResult> {
    const frame = this.#frameAt(start.depth);
    frame.reset(start);
    for (;;) {
      this.#left = run(frame, this.#left);
      if (frame.request !== undefined) await this.#answer(frame, frame.request);
      if (frame.stopped) break;
      if (this.#left > 0) continue;
      this.#left = SLICE;
      await this.pause();
    }
    frame.release();
    const { failure, output } = frame;
    const keepsGas = failure === undefined || failure === "revert";
    return { failure, output, gasUsed: keepsGas ? start.gas - frame.gas : start.gas, created: undefined };
  }

  async #answer(frame: Frame, { message, outOffset, outLength }: MessageRequest): Promise<void> {
    frame.request = undefined;
    const { failure, output, gasUsed, created } = await this.#send(message);
    frame.gas += message.gas - gasUsed;
    if (message.creates) {
      frame.returned = failure === "revert" ? output : NO_BYTES;
      frame.push(created === undefined ? 0n : BigInt(created));
      return;
    }
    frame.returned = failure === undefined || failure === "revert" ? output : NO_BYTES;
    const length = Math.min(outLength, frame.returned.length);
    if (length > 0) frame.memory.set(frame.returned.subarray(0, length), outOffset);
    frame.push(failure === undefined ? 1n : 0n);
  }

  #frameAt(depth: number): Frame {
    let frame = this.#frames[depth];
    if (frame === undefined) {
      frame = new Frame();
      this.#frames[depth] = frame;
    }
    return frame;
  }

  #inScope(): Scope {
    invariant(this.#scope !== undefined, "code runs in no transaction");
    return this.#scope;
  }
}
