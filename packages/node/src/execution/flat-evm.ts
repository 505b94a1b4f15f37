import type { Common } from "@ethereumjs/common";
import { EVM, EVMError, type ExecResult, type Message, NobleBN254, type PrecompileFunc } from "@ethereumjs/evm";
import { bytesToHex, invariant } from "@sheaf/base";
import { hexOfAddress } from "./evm-address.ts";
import { type Failure, Frame, type FrameStart, type MessageRequest, type Scope } from "./interpreter/frame.ts";
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
 * The EVM of `@ethereumjs/evm` with an instruction loop of our own: messages, value transfers, contract
 * creation and precompiles are the library's; opcodes run over `BlockState`, decoded once, without a
 * promise for each. Runs one transaction at a time.
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

  /** What the next message runs in. */
  enter(scope: Scope): void {
    this.#scope = scope;
    this.#manager.state = scope.state;
  }

  protected override async runInterpreter(message: Message): Promise<ExecResult> {
    const frame = this.#frameAt(message.depth);
    frame.reset(this.#startOf(message));
    if (message.isCreate) frame.start.self.createdIn = frame.scope.state.serial;
    for (;;) {
      this.#left = run(frame, this.#left);
      if (frame.request !== undefined) await this.#send(frame, frame.request);
      if (frame.stopped) return resultOf(frame);
      if (this.#left > 0) continue;
      this.#left = SLICE;
      await this.pause();
    }
  }

  /** A fault of a precompile is a failed call, the same on every validator, not the end of the process. */
  protected override async runPrecompile(
    code: PrecompileFunc,
    data: Uint8Array,
    gasLimit: bigint,
  ): Promise<ExecResult> {
    try {
      return await super.runPrecompile(code, data, gasLimit);
    } catch {
      const exceptionError = new EVMError(EVMError.errorMessages.INTERNAL_ERROR);
      return { executionGasUsed: gasLimit, returnValue: NO_BYTES, exceptionError };
    }
  }

  #frameAt(depth: number): Frame {
    let frame = this.#frames[depth];
    if (frame === undefined) {
      frame = new Frame();
      this.#frames[depth] = frame;
    }
    return frame;
  }

  #startOf(message: Message): FrameStart {
    const scope = this.#scope;
    const { to, caller, code, value, data, isStatic, depth } = message;
    invariant(scope !== undefined && to !== undefined && code instanceof Uint8Array, "a message without code");
    const { state } = scope;
    const codeHash = message.isCreate ? undefined : state.account(hexOfAddress(message.codeAddress)).codeHash;
    return {
      scope,
      program: codeHash === undefined ? programOf(code) : this.#programs.get(codeHash, code),
      code,
      self: state.account(hexOfAddress(to)),
      caller: state.account(hexOfAddress(caller)),
      value,
      input: data,
      gas: Number(message.gasLimit),
      isStatic,
      depth,
    };
  }

  async #send(frame: Frame, request: MessageRequest): Promise<void> {
    frame.request = undefined;
    const { execResult, createdAddress } = await this.runCall({ message: request.message });
    const { exceptionError, executionGasUsed, returnValue } = execResult;
    frame.gas += request.gas - Number(executionGasUsed);
    const reverted = exceptionError?.error === EVMError.errorMessages.REVERT;
    if (request.creates) {
      frame.returned = reverted ? returnValue : NO_BYTES;
      const created = exceptionError === undefined ? createdAddress : undefined;
      frame.push(created === undefined ? 0n : BigInt(bytesToHex(created.bytes)));
      return;
    }
    frame.returned = reverted || exceptionError === undefined ? returnValue : NO_BYTES;
    const length = Math.min(request.outLength, frame.returned.length);
    if (length > 0) frame.memory.set(frame.returned.subarray(0, length), request.outOffset);
    frame.push(exceptionError === undefined ? 1n : 0n);
  }
}

function resultOf(frame: Frame): ExecResult {
  const { failure, output } = frame;
  const gasLimit = frame.start.gas;
  const gasUsed = failure === undefined || failure === "revert" ? gasLimit - frame.gas : gasLimit;
  return {
    executionGasUsed: BigInt(gasUsed),
    returnValue: output,
    ...(failure === undefined ? {} : { exceptionError: errorOf(failure) }),
  };
}

function errorOf(failure: Failure): EVMError {
  return new EVMError(failure);
}
