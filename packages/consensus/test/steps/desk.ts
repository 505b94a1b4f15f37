import { hexToBytes } from "@sheaf/base";
import {
  type Commit,
  type CommitCertificate,
  createQbft,
  type Input,
  type Justification,
  type Message,
  type Output,
  type PrePrepare,
  type Prepare,
  type Prepared,
  type QbftState,
  type RoundChange,
  type StartInput,
  type Validator,
  type Value,
  type VoteRecord,
} from "../../src/index.ts";
import { justificationOf } from "../../src/justification.ts";
import { type Statement, statementDigest } from "../../src/signing.ts";
import { createToyKeys, toyAddress, toyDigest } from "../simulation/toy-ports.ts";

export const TIMEOUTS = { baseMs: 1000, factor: 2, capMs: 5000 };
export const CHAIN = hexToBytes(toyDigest(77));

/** A value named by a number. */
export function value(number: number): Value {
  return { digest: toyDigest(number), payload: Uint8Array.of(number) };
}

/** One validator under test, or an observer, and everybody's keys. With equal weights validator (height + round) % n proposes. */
export function createDesk(validators: number, self: number | undefined, weights: readonly number[] = []) {
  const keys = createToyKeys();
  const list: Validator[] = Array.from({ length: validators }, (_, index) => ({
    address: toyAddress(index),
    weight: weights[index] ?? 1,
  }));
  const address = self === undefined ? undefined : toyAddress(self);
  const qbft = createQbft({ address, chain: CHAIN, timeouts: TIMEOUTS }, keys.portsOf(toyAddress(self ?? 0)));
  let state: QbftState = qbft.initial();

  function input(next: Input): readonly Output[] {
    const step = qbft.step(state, next);
    state = step.state;
    return step.outputs;
  }

  return {
    ports: keys.portsOf(toyAddress(0)),
    validators: list,
    input,
    start: (height = 1, more: Partial<StartInput> = {}) =>
      input({ type: "start", height, validators: list, ...more }),
    /** Begins again as a new process with `record`. */
    restart(record: VoteRecord | undefined, height = record?.height ?? 1) {
      state = qbft.initial(record);
      return input({ type: "start", height, validators: list });
    },
    hear: (sender: number, message: Message) => input({ type: "message", message, from: toyAddress(sender) }),
    timeout: (round: number, height = 1) => input({ type: "timeout", height, round }),
    get state() {
      return state;
    },
    sign: (sender: number, statement: Statement, chain: Uint8Array = CHAIN) => {
      const ports = keys.portsOf(toyAddress(sender));
      return ports.sign(statementDigest(statement, chain, ports));
    },
  };
}

export type Desk = ReturnType<typeof createDesk>;

export function prepare(desk: Desk, sender: number, of: Value, round = 0, height = 1): Prepare {
  const said = { type: "prepare", height, round, digest: of.digest } as const;
  return { ...said, signature: desk.sign(sender, { ...said, preparedRound: undefined }) };
}

export function commit(desk: Desk, sender: number, of: Value, round = 0, height = 1): Commit {
  const said = { type: "commit", height, round, digest: of.digest } as const;
  return { ...said, signature: desk.sign(sender, { ...said, preparedRound: undefined }) };
}

export function prePrepare(
  desk: Desk,
  sender: number,
  of: Value,
  round = 0,
  justification?: Justification,
  height = 1,
): PrePrepare {
  const statement = {
    type: "pre-prepare",
    height,
    round,
    digest: of.digest,
    preparedRound: undefined,
  } as const;
  const signature = desk.sign(sender, statement);
  return { type: "pre-prepare", height, round, value: of, justification, signature };
}

export function roundChange(
  desk: Desk,
  sender: number,
  round: number,
  prepared?: Prepared,
  height = 1,
): RoundChange {
  const digest = prepared?.value.digest;
  const statement = { type: "round-change", height, round, digest, preparedRound: prepared?.round } as const;
  return { type: "round-change", height, round, prepared, signature: desk.sign(sender, statement) };
}

/** The lock of whoever saw `signers` prepare `of`. */
export function lock(desk: Desk, signers: readonly number[], of: Value, round = 0, height = 1): Prepared {
  const signatures = signers.map((signer) => prepare(desk, signer, of, round, height).signature);
  return { round, value: of, signatures };
}

/** A justification for `round` by `senders`, each with its lock, if any. */
export function justification(
  desk: Desk,
  round: number,
  senders: readonly (readonly [number, Prepared?])[],
): Justification {
  const messages = new Map(
    senders.map(([sender, prepared]) => [toyAddress(sender), roundChange(desk, sender, round, prepared)]),
  );
  const locks = senders.flatMap(([, prepared]) => (prepared === undefined ? [] : [prepared]));
  const highest = locks.sort((a, b) => b.round - a.round)[0];
  return justificationOf(messages, highest);
}

export function certificate(desk: Desk, signers: readonly number[], of: Value): CommitCertificate {
  const seals = signers.map((signer) => commit(desk, signer, of).signature);
  return { height: 1, round: 0, digest: of.digest, seals };
}

/** What the outputs are, one word each; messages by their type. */
export function kinds(outputs: readonly Output[]): string[] {
  return outputs.map((output) => {
    if (output.type === "broadcast") return output.message.type;
    if (output.type === "ignored" || output.type === "rejected") return `${output.type} ${output.code}`;
    return output.type;
  });
}

/** The outputs of one type. */
export function only<T extends Output["type"]>(
  outputs: readonly Output[],
  type: T,
): Extract<Output, { type: T }>[] {
  return outputs.filter((output): output is Extract<Output, { type: T }> => output.type === type);
}

/** The messages sent, of one type. */
export function sent<T extends Message["type"]>(
  outputs: readonly Output[],
  type: T,
): Extract<Message, { type: T }>[] {
  return only(outputs, "broadcast")
    .map(({ message }) => message)
    .filter((message): message is Extract<Message, { type: T }> => message.type === type);
}

/** Answers the only question in `outputs`. */
export function judge(desk: Desk, outputs: readonly Output[], valid: boolean): readonly Output[] {
  const [question] = only(outputs, "validate");
  return desk.input({ type: "validated", id: question?.id ?? -1, valid });
}
