import type { Hex } from "@sheaf/base";
import type { BlockState, SlotRecord } from "../block-state.ts";
import type { Frame } from "./frame.ts";
import type { Operation } from "./program.ts";
import { wordToHex } from "./words.ts";

// EIP-2929 (warm and cold), EIP-2200 and EIP-3529 (net metering of writes).
const COLD_SLOT_GAS = 2_100;
const WARM_GAS = 100;
const WRITE_NEW_GAS = 20_000;
const WRITE_GAS = 2_900;
const CLEAR_REFUND = 4_800;
const SENTRY_GAS = 2_300;
const LOG_TOPIC_GAS = 375;
const LOG_BYTE_GAS = 8;

export const sload: Operation = (frame) => {
  const { state } = frame.scope;
  const slot = state.slot(frame.start.self, frame.pop());
  if (frame.charge(state.warm(slot) ? COLD_SLOT_GAS : WARM_GAS)) frame.push(slot.value);
};

export const sstore: Operation = (frame) => {
  if (frame.start.isStatic) frame.fail("static state change");
  else if (frame.gas <= SENTRY_GAS) frame.fail("out of gas");
  else store(frame, frame.pop(), frame.pop());
};

function store(frame: Frame, key: bigint, value: bigint): void {
  const { state } = frame.scope;
  const slot = state.slot(frame.start.self, key);
  const cold = state.warm(slot) ? COLD_SLOT_GAS : 0;
  if (!frame.charge(cold + writeGas(state, slot, value))) return;
  state.refund += writeRefund(state, slot, value);
  if (slot.value !== value) state.setSlot(slot, value);
}

function writeGas(state: BlockState, slot: SlotRecord, value: bigint): number {
  const original = state.original(slot);
  if (slot.value === value || slot.value !== original) return WARM_GAS;
  return original === 0n ? WRITE_NEW_GAS : WRITE_GAS;
}

function writeRefund(state: BlockState, slot: SlotRecord, value: bigint): number {
  const current = slot.value;
  const original = state.original(slot);
  if (current === value) return 0;
  let refund = 0;
  if (original !== 0n) {
    if (current === 0n) refund -= CLEAR_REFUND;
    if (value === 0n) refund += CLEAR_REFUND;
  }
  if (current !== original && value === original) {
    refund += (original === 0n ? WRITE_NEW_GAS : WRITE_GAS) - WARM_GAS;
  }
  return refund;
}

export const tload: Operation = (frame) => {
  frame.push(frame.scope.state.transient(frame.start.self, frame.pop()));
};

export const tstore: Operation = (frame) => {
  if (frame.start.isStatic) frame.fail("static state change");
  else frame.scope.state.setTransient(frame.start.self, frame.pop(), frame.pop());
};

export const log: Operation = (frame, { index }) => {
  if (frame.start.isStatic) {
    frame.fail("static state change");
    return;
  }
  const offset = frame.popNumber();
  const length = frame.popNumber();
  if (!frame.charge(LOG_TOPIC_GAS * index + LOG_BYTE_GAS * length) || !frame.expand(offset, length)) return;
  const topics: Hex[] = [];
  for (let topic = 0; topic < index; topic++) topics.push(wordToHex(frame.pop().toString(16)));
  const data = frame.copyMemory(offset, length);
  frame.scope.state.logs.push({ address: frame.start.self.address, topics, data });
};
