import type { Cancel, Millis } from "@sheaf/base";
import {
  type Address,
  type Input,
  type Output,
  parseRecord,
  type QbftState,
  recordToBytes,
  type ValidateOutput,
  type VoteRecord,
} from "../../src/index.ts";
import { createQbftWith } from "../../src/step.ts";
import { createLedger } from "./ledger.ts";
import type { Packet } from "./network.ts";
import { outputSummary, recordSummary } from "./summaries.ts";
import { othersThan, type SimulatedNode, TIMEOUTS, type World } from "./world.ts";

/** A correct validator with its host, which can be killed between any two outputs. */
export interface CorrectNode extends SimulatedNode {
  /** Dies before it performs one more output than `outputs`, and comes back `downMs` later. */
  crash(outputs: number, downMs: Millis): void;
  /** Decided heights, which survive a crash. */
  readonly height: number;
  readonly state: QbftState | undefined;
}

/** What dies in a crash. */
interface Life {
  state: QbftState;
  readonly inputs: Input[];
  busy: boolean;
  cancelTimer: Cancel;
  /** How many outputs are left to perform before the crash. */
  fuse: number;
  downMs: Millis;
}

export function createCorrectNode(world: World, index: number): CorrectNode {
  const { clock, random, network, audit, profile, validators, chain } = world;
  const { address } = validators[index] as { readonly address: Address };
  const ports = world.keys.portsOf(address);
  const qbft = createQbftWith(world.rules, { address, chain, timeouts: TIMEOUTS }, ports);
  const others = othersThan(index, world);
  const disk = createLedger(world, index);
  let life: Life | undefined;

  function boot(): void {
    const fuse = Number.POSITIVE_INFINITY;
    life = {
      state: qbft.initial(disk.record),
      inputs: [],
      busy: false,
      cancelTimer: () => {},
      fuse,
      downMs: 0,
    };
    startNext();
  }

  function die({ downMs, cancelTimer }: Life): void {
    world.trace(index, () => "crash");
    cancelTimer();
    life = undefined;
    clock.schedule(downMs, () => {
      world.trace(index, () => `restart at ${recordSummary(disk.record)}`);
      boot();
    });
  }

  /** Calls `action` later if the process is still the same. */
  function later(delayMs: Millis, action: () => void): Cancel {
    const mine = life;
    return clock.schedule(delayMs, () => {
      if (life === mine) action();
    });
  }

  function input(next: Input): void {
    const mine = life;
    if (mine === undefined) return;
    mine.inputs.push(next);
    if (mine.busy) return;
    mine.busy = true;
    for (let due = mine.inputs.shift(); due !== undefined; due = mine.inputs.shift()) {
      const { state, outputs } = qbft.step(mine.state, due);
      mine.state = state;
      for (const output of world.storage === "late" ? persistLast(outputs) : outputs) {
        mine.fuse -= 1;
        if (mine.fuse < 0) {
          die(mine);
          return;
        }
        perform(mine, output);
      }
    }
    mine.busy = false;
  }

  function perform(mine: Life, output: Output): void {
    world.trace(index, () => outputSummary(output));
    switch (output.type) {
      case "persist":
        if (world.storage !== "never")
          disk.record = profile.encoded ? storedForm(output.record) : output.record;
        break;
      case "broadcast":
        audit.sent(index, output.message);
        network.send(index, others, { type: "message", message: output.message });
        break;
      case "request-value": {
        const { height, round } = output;
        later(random.float() * 10, () => {
          input({ type: "built", height, round, value: world.values.create(true) });
        });
        break;
      }
      case "validate":
        validate(output);
        break;
      case "schedule-timeout": {
        const { height, round, delayMs } = output;
        mine.cancelTimer();
        mine.cancelTimer = later(delayMs, () => input({ type: "timeout", height, round }));
        break;
      }
      case "commit":
        disk.append(output);
        later(random.float() * 10, startNext);
        break;
      case "behind":
        network.send(index, [indexOf(random.pick(output.peers))], blockRequest());
        break;
      case "peer-behind":
        sendBlocks(indexOf(output.peer), output.height);
        break;
      case "misbehaviour":
        audit.accused(index, output.evidence.offender, "misbehaviour");
        break;
      case "rejected":
        if (output.sender !== undefined) audit.accused(index, output.sender, output.code);
        break;
      case "ignored":
        break;
    }
  }

  function validate({ id, value }: ValidateOutput): void {
    const valid = world.values.isValid(value);
    if (profile.meanValidateMs === 0) {
      input({ type: "validated", id, valid });
      return;
    }
    const meanMs =
      clock.now() < profile.healAtMs ? profile.meanValidateMs : Math.min(10, profile.meanValidateMs);
    later(random.exponential(meanMs), () => input({ type: "validated", id, valid }));
  }

  /** Begins the height after the last decided one, unless it has begun. */
  function startNext(): void {
    const height = disk.height + 1;
    if (life === undefined || life.state.height >= height) return;
    input({ type: "start", height, ...world.schedule(world, height, disk.at, index) });
  }

  function blockRequest(): Packet {
    return { type: "block-request", height: disk.height + 1 };
  }

  function sendBlocks(to: number, height: number): void {
    const blocks = disk.from(height);
    if (blocks.length > 0) network.send(index, [to], { type: "blocks", blocks });
  }

  function indexOf(peer: Address): number {
    return validators.findIndex((validator) => validator.address === peer);
  }

  return {
    start: boot,
    receive(from, packet) {
      if (life === undefined) return;
      switch (packet.type) {
        case "message": {
          const peer = validators[from] as { readonly address: Address };
          input({ type: "message", message: packet.message, from: peer.address });
          break;
        }
        case "block-request":
          sendBlocks(from, packet.height);
          break;
        case "blocks":
          if (disk.take(packet.blocks)) startNext();
          break;
      }
    },
    crash(outputs, downMs) {
      if (life === undefined) return;
      life.fuse = outputs;
      life.downMs = downMs;
    },
    get height() {
      return disk.height;
    },
    get state() {
      return life?.state;
    },
  };
}

/** What a record reads as after it was written. */
function storedForm(record: VoteRecord): VoteRecord | undefined {
  return parseRecord(recordToBytes(record));
}

function persistLast(outputs: readonly Output[]): readonly Output[] {
  return outputs.toSorted((a, b) => Number(a.type === "persist") - Number(b.type === "persist"));
}
