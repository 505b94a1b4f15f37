import type { Hex } from "@sheaf/base";
import type { Address } from "@sheaf/protocol";
import type { AccountRecord, BlockState } from "../block-state.ts";
import type { Program } from "./program.ts";

/** Why a frame ended, but for success; the names are those of `@ethereumjs/evm`. */
export type Failure =
  | "revert"
  | "out of gas"
  | "stack underflow"
  | "stack overflow"
  | "invalid JUMP"
  | "invalid opcode"
  | "static state change"
  | "initcode exceeds max initcode size";

/** What the EVM's environment opcodes answer. */
export interface Environment {
  readonly chainId: bigint;
  readonly number: bigint;
  /** Seconds since the Unix epoch. */
  readonly timestamp: bigint;
  readonly coinbase: bigint;
  readonly prevRandao: bigint;
  readonly gasLimit: bigint;
  readonly baseFee: bigint;
  /** Zero when it is not among the 256 blocks before. */
  readonly blockHash: (number: bigint) => bigint;
}

/** What all frames of a transaction share. */
export interface Scope {
  readonly state: BlockState;
  readonly environment: Environment;
  readonly origin: AccountRecord;
  readonly gasPrice: bigint;
}

/** A call of an account: its code, if it has any, runs with the account `self`. */
export interface CallMessage {
  readonly creates: false;
  readonly caller: AccountRecord;
  readonly self: AccountRecord;
  /** Whose code runs; other than `self` in CALLCODE and DELEGATECALL. */
  readonly codeOf: AccountRecord;
  readonly value: bigint;
  /** False in DELEGATECALL, which only passes the value on. */
  readonly transfers: boolean;
  readonly input: Uint8Array;
  readonly gas: number;
  readonly isStatic: boolean;
  readonly depth: number;
}

/** The creation of a contract by its initialisation code. The caller's nonce was raised. */
export interface CreateMessage {
  readonly creates: true;
  readonly caller: AccountRecord;
  readonly value: bigint;
  readonly initCode: Uint8Array;
  /** 32 bytes, of CREATE2. */
  readonly salt: Hex | undefined;
  readonly gas: number;
  readonly depth: number;
}

/** What a message came to. */
export interface MessageResult {
  readonly failure: string | undefined;
  readonly output: Uint8Array;
  readonly gasUsed: number;
  readonly created: Address | undefined;
}

/** A message that a frame waits for. */
export interface MessageRequest {
  readonly message: CallMessage | CreateMessage;
  /** Where a call's answer goes in memory. */
  readonly outOffset: number;
  readonly outLength: number;
}

/** What a frame is started with. */
export interface FrameStart {
  readonly scope: Scope;
  readonly program: Program;
  readonly code: Uint8Array;
  readonly self: AccountRecord;
  readonly caller: AccountRecord;
  readonly value: bigint;
  readonly input: Uint8Array;
  readonly gas: number;
  readonly isStatic: boolean;
  readonly depth: number;
}

const NO_BYTES = new Uint8Array(0);
/** More costs more gas than any block has: 2.2e12 for the whole. */
const MEMORY_LIMIT = 2 ** 30;
const FIRST_MEMORY = 1_024;
const KEPT_MEMORY = 65_536;

/** One running piece of code: its stack, memory and gas. Frames of one depth share their memory. */
export class Frame {
  readonly stack: bigint[] = [];
  height = 0;
  /** Index of the next instruction. */
  next = 0;
  gas = 0;
  memory: Uint8Array = new Uint8Array(FIRST_MEMORY);
  view: DataView = new DataView(this.memory.buffer);
  /** Bytes in use, a multiple of 32. */
  memorySize = 0;
  stopped = false;
  failure: Failure | undefined;
  output: Uint8Array = NO_BYTES;
  /** Answer of the last message. */
  returned: Uint8Array = NO_BYTES;
  request: MessageRequest | undefined;
  start!: FrameStart;
  scope!: Scope;
  #memoryCost = 0;

  /** Makes the frame new, and its memory zero. */
  reset(start: FrameStart): void {
    this.start = start;
    this.scope = start.scope;
    this.memory.fill(0, 0, this.memorySize);
    this.memorySize = 0;
    this.#memoryCost = 0;
    this.height = 0;
    this.next = 0;
    this.gas = start.gas;
    this.stopped = false;
    this.failure = undefined;
    this.output = NO_BYTES;
    this.returned = NO_BYTES;
    this.request = undefined;
  }

  /** Lets go of memory that is too large to keep for the next frame. */
  release(): void {
    if (this.memory.length <= KEPT_MEMORY) return;
    this.#useMemory(new Uint8Array(FIRST_MEMORY));
    this.memorySize = 0;
  }

  push(word: bigint): void {
    this.stack[this.height++] = word;
  }

  pop(): bigint {
    return this.stack[--this.height] as bigint;
  }

  /** Pops an offset or a length; what is too great for memory or code stays too great. */
  popNumber(): number {
    return Number(this.stack[--this.height]);
  }

  fail(failure: Failure): false {
    this.stopped = true;
    this.failure = failure;
    return false;
  }

  finish(output: Uint8Array): void {
    this.stopped = true;
    this.output = output;
  }

  /** Takes gas; false, and the frame fails, when there is not enough. */
  charge(gas: number): boolean {
    this.gas -= gas;
    return this.gas >= 0 || this.fail("out of gas");
  }

  /** Takes memory from `offset` in use and charges for its growth; false when gas is short. */
  expand(offset: number, length: number): boolean {
    if (length === 0) return true;
    const end = offset + length;
    if (end <= this.memorySize) return true;
    if (end > MEMORY_LIMIT) return this.fail("out of gas");
    const words = Math.ceil(end / 32);
    const cost = 3 * words + Math.floor((words * words) / 512);
    if (!this.charge(cost - this.#memoryCost)) return false;
    this.#memoryCost = cost;
    this.memorySize = words * 32;
    if (this.memorySize > this.memory.length) this.#grow();
    return true;
  }

  /** A copy of memory that was taken in use. */
  copyMemory(offset: number, length: number): Uint8Array {
    return length === 0 ? NO_BYTES : this.memory.slice(offset, offset + length);
  }

  #grow(): void {
    const larger = new Uint8Array(Math.max(this.memorySize, this.memory.length * 2));
    larger.set(this.memory);
    this.#useMemory(larger);
  }

  #useMemory(memory: Uint8Array): void {
    this.memory = memory;
    this.view = new DataView(memory.buffer);
  }
}
