import { type Clock, CodedError } from "@sheaf/base";
import {
  createQbft,
  type Input,
  type Message,
  messageToBytes,
  type Output,
  parseMessage,
  parseRecord,
  type QbftState,
  recordToBytes,
  type VoteRecord,
} from "@sheaf/consensus";
import type { Address, Genesis } from "@sheaf/protocol";
import type { Logger } from "pino";
import { certificateToBytes } from "../commit-certificate.ts";
import type { ChainStore, PeerNetwork } from "../ports.ts";
import type { DecidedBlock } from "./chain.ts";
import { type ChainCommittee, consensusPorts } from "./committee.ts";
import type { HostMetrics } from "./host-metrics.ts";
import { createLatestMessages } from "./latest-messages.ts";
import type { Proposals } from "./proposals.ts";
import type { Proposer } from "./proposer.ts";
import type { RoundTimer } from "./round-timer.ts";

type OutputOf<T extends Output["type"]> = Output & { readonly type: T };

/** Drives the step function of consensus: feeds it what happens and does what it asks, in order. */
export interface ConsensusDriver {
  /** Begins the height after the head, unless it has begun already. */
  begin(): void;
  /** A peer's message, in the encoding of the consensus package. */
  receive(from: Address, payload: Uint8Array): void;
  /** Repeats to a peer that has just connected what was sent at this height [WIRE.11]. */
  greet(peer: Address): void;
  readonly position: { readonly height: number; readonly round: number };
  stop(): void;
}

export interface ConsensusDriverOptions {
  readonly genesis: Genesis;
  readonly committee: ChainCommittee;
  readonly address: Address;
  readonly privateKey: Uint8Array;
}

export interface ConsensusDriverPorts {
  readonly clock: Clock;
  readonly store: Pick<ChainStore, "head" | "consensusRecord" | "saveConsensusRecord">;
  readonly network: PeerNetwork;
  readonly proposals: Proposals;
  readonly proposer: Proposer;
  readonly timer: RoundTimer;
  readonly metrics: HostMetrics;
  readonly log: Logger;
  /** A block is decided: to be executed and stored. */
  readonly onDecided: (decided: DecidedBlock) => void;
  /** Others are ahead. */
  readonly onBehind: (peers: readonly Address[]) => void;
  /** A peer lacks a block that is decided here. */
  readonly onPeerBehind: (peer: Address, height: number) => void;
  readonly onFailure: (error: unknown) => void;
}

export function createConsensusDriver(
  options: ConsensusDriverOptions,
  ports: ConsensusDriverPorts,
): ConsensusDriver {
  const { genesis, committee, address, privateKey } = options;
  const { clock, store, network, proposals, proposer, timer, metrics, log } = ports;
  const { roundTimeoutMs, roundTimeoutFactor, maxRoundTimeoutMs, blockPeriodMs } = genesis.consensus;
  const qbft = createQbft(
    {
      address,
      chain: committee.chain,
      timeouts: { baseMs: roundTimeoutMs, factor: roundTimeoutFactor, capMs: maxRoundTimeoutMs },
    },
    consensusPorts(privateKey),
  );
  let state: QbftState = qbft.initial(readRecord(store));
  const inputs: Input[] = [];
  let draining = false;
  let stopped = false;
  let proposedAtMs = clock.now();
  const sent = createLatestMessages();

  function feed(input: Input): void {
    inputs.push(input);
    if (draining) return;
    draining = true;
    try {
      for (let next = inputs.shift(); next !== undefined; next = inputs.shift()) {
        if (stopped) break;
        const step = qbft.step(state, next);
        state = step.state;
        for (const output of step.outputs) if (!stopped) perform(output);
      }
    } finally {
      draining = false;
    }
  }

  function perform(output: Output): void {
    switch (output.type) {
      case "persist":
        persist(recordToBytes(output.record));
        break;
      case "broadcast":
        broadcast(output.message);
        break;
      case "request-value":
        requestValue(output);
        break;
      case "validate":
        judge(output).catch(ports.onFailure);
        break;
      case "schedule-timeout":
        scheduleTimeout(output);
        break;
      case "commit":
        decide(output).catch(ports.onFailure);
        break;
      case "behind":
        ports.onBehind(output.peers);
        break;
      case "peer-behind":
        ports.onPeerBehind(output.peer, output.height);
        break;
      default:
        report(output);
    }
  }

  function report(output: OutputOf<"misbehaviour" | "rejected" | "ignored">): void {
    if (output.type === "misbehaviour") {
      log.error({ evidence: evidenceOf(output) }, "a validator signed two conflicting messages");
    } else if (output.type === "rejected") {
      metrics.rejected(output.code);
      log.warn({ code: output.code, from: output.sender }, "consensus message refused");
    } else {
      log.trace({ code: output.code, from: output.sender }, "consensus message ignored");
    }
  }

  /** Nothing that follows goes out unless the record is safe. */
  function persist(bytes: Uint8Array): void {
    try {
      store.saveConsensusRecord(bytes);
    } catch (error) {
      stopped = true;
      ports.onFailure(error);
    }
  }

  function broadcast(message: Message): void {
    const payload = messageToBytes(message);
    sent.keep(message, payload);
    network.broadcast({ kind: "consensus", payload });
  }

  function requestValue({ height, round }: OutputOf<"request-value">): void {
    proposer.request(round, (candidate) => {
      // Block sync may have moved the head while the block was built.
      if (height !== state.height || candidate.block.header.number !== height) return;
      const value = { digest: candidate.block.hash, payload: candidate.payload };
      proposals.add(candidate);
      noteProposal();
      feed({ type: "built", height, round, value });
    });
  }

  async function judge(question: OutputOf<"validate">): Promise<void> {
    noteProposal();
    const valid = await proposals.judge(question);
    if (!stopped) feed({ type: "validated", id: question.id, valid });
  }

  function scheduleTimeout({ height, round, delayMs }: OutputOf<"schedule-timeout">): void {
    timer.schedule(round, delayMs, () => {
      metrics.roundTimedOut();
      log.info({ height, round }, "round timed out");
      feed({ type: "timeout", height, round });
    });
  }

  async function decide({ height, round, value, seals }: OutputOf<"commit">): Promise<void> {
    const decidedAtMs = clock.wallMs();
    metrics.decided(round, clock.now() - proposedAtMs);
    timer.cancel();
    proposer.cancel();
    const candidate = await proposals.decided(height, value);
    if (candidate !== undefined) {
      ports.onDecided({ candidate, certificate: certificateToBytes({ round, seals }), decidedAtMs });
    } else if (store.head.block.header.number < height) {
      log.error({ height, digest: value.digest }, "a quorum decided a block that is not valid here");
      ports.onBehind([...committee.addresses]);
    }
  }

  function noteProposal(): void {
    proposedAtMs = clock.now();
    timer.proposed();
  }

  return {
    begin() {
      const { number, timestampMs } = store.head.block.header;
      if (stopped || state.height > number) return;
      proposals.clear();
      proposer.cancel();
      const waitMs = Math.max(0, timestampMs + blockPeriodMs - clock.wallMs());
      const { validators, seed } = committee.at(number + 1);
      feed({ type: "start", height: number + 1, validators, seed, waitMs });
    },
    receive(from, payload) {
      const message = parseMessage(payload);
      if (message === undefined) network.disconnect(from, "malformed message of consensus");
      else feed({ type: "message", message, from });
    },
    greet(peer) {
      for (const payload of sent.payloads) network.send(peer, { kind: "consensus", payload });
    },
    get position() {
      return { height: state.height, round: state.round };
    },
    stop() {
      stopped = true;
      timer.cancel();
      proposer.cancel();
    },
  };
}

/** What this validator voted; a record that cannot be read is no licence to vote again [PERSIST.3]. */
function readRecord(store: Pick<ChainStore, "consensusRecord">): VoteRecord | undefined {
  const bytes = store.consensusRecord;
  if (bytes === undefined) return undefined;
  const record = parseRecord(bytes);
  if (record !== undefined) return record;
  const at = "the consensus record";
  throw new CodedError(
    `${at}: cannot be read`,
    { code: "STORE_CORRUPT", at },
    { advice: "Remove the data directory and let the validator fetch the chain from its peers." },
  );
}

/** Evidence without its payloads, for the log. */
function evidenceOf({ evidence }: OutputOf<"misbehaviour">): object {
  const brief = ({ type, height, round }: Message): object => ({ type, height, round });
  return { offender: evidence.offender, first: brief(evidence.first), second: brief(evidence.second) };
}
