import { invariant, type Random } from "@sheaf/base";
import type {
  Address,
  Commit,
  Message,
  PrePrepare,
  Prepare,
  PrepareCertificate,
  QbftPorts,
  RoundChange,
  RoundChangeClaim,
  Value,
} from "../../src/index.ts";
import { type Statement, statementDigest } from "../../src/signing.ts";
import type { Loot } from "./loot.ts";
import type { ToyValues } from "./toy-values.ts";

/** A traitor's means: its key, what it has seen, and values of its own. */
export interface Means {
  readonly address: Address;
  readonly chain: Uint8Array;
  readonly ports: QbftPorts;
  readonly loot: Loot;
  readonly values: ToyValues;
  readonly random: Random;
  readonly quorum: number;
}

/** Votes for a proposal, whatever else was voted for. */
export function doubleVotes(means: Means, { height, round, value }: PrePrepare): Message[] {
  const { digest } = value;
  const prepare = { type: "prepare", height, round, digest } as const;
  const commit = { type: "commit", height, round, digest } as const;
  const votes: (Prepare | Commit)[] = [
    { ...prepare, signature: signed(means, { ...prepare, preparedRound: undefined }) },
    { ...commit, signature: signed(means, { ...commit, preparedRound: undefined }) },
  ];
  return votes;
}

/** A round change that forgets a lock, shows an old one, or backs it with too little or the wrong value. */
export function lyingRoundChange(means: Means, height: number, round: number): RoundChange {
  const { loot, random, values, quorum } = means;
  const known = loot.values(height);
  const proofs = loot.certificates(height).filter((each) => each.round < round);
  const proof = proofs.length > 0 && random.chance(0.8) ? random.pick(proofs) : undefined;
  const genuine = known.find(({ digest }) => digest === proof?.digest);
  if (proof === undefined || genuine === undefined) return roundChange(means, height, round, undefined);
  const value = random.chance(0.3) ? values.swapped(genuine) : genuine;
  const signatures = proof.signatures.slice(0, random.chance(0.8) ? quorum : quorum - 1);
  return roundChange(means, height, round, { round: proof.round, value, signatures });
}

/** A proposal for a later round that rests on whichever round changes and certificate suit the traitor. */
export function forgedProposal(means: Means, height: number, round: number): PrePrepare {
  const { loot, random, quorum } = means;
  const value = temptingValue(means, height);
  const seen: RoundChangeClaim[] = loot.roundChanges(height, round).map(({ prepared, signature }) => ({
    prepared: prepared && { round: prepared.round, digest: prepared.value.digest },
    signature,
  }));
  const own = roundChange(means, height, round, undefined);
  // those without a lock first: they leave the proposer free
  const claims = seen.sort((a, b) => Number(a.prepared !== undefined) - Number(b.prepared !== undefined));
  const roundChanges = [{ prepared: undefined, signature: own.signature }, ...claims].slice(0, quorum);
  while (roundChanges.length < quorum && random.chance(0.5)) roundChanges.push(random.pick(roundChanges));
  const proofs = loot.certificates(height);
  const certificate: PrepareCertificate | undefined =
    proofs.length > 0 && random.chance(0.5) ? random.pick(proofs) : undefined;
  const statement = {
    type: "pre-prepare",
    height,
    round,
    digest: value.digest,
    preparedRound: undefined,
  } as const;
  return {
    type: "pre-prepare",
    height,
    round,
    value,
    justification: { roundChanges, certificate },
    signature: signed(means, statement),
  };
}

/** A new value, one proposed before at this height, or an invalid one. */
export function temptingValue({ loot, random, values }: Means, height: number): Value {
  const known = loot.values(height);
  if (known.length > 0 && random.chance(0.4)) return random.pick(known);
  return values.create(random.chance(0.7));
}

function roundChange(
  means: Means,
  height: number,
  round: number,
  prepared: RoundChange["prepared"],
): RoundChange {
  const digest = prepared?.value.digest;
  const preparedRound = prepared?.round;
  const statement = { type: "round-change", height, round, digest, preparedRound } as const;
  return { type: "round-change", height, round, prepared, signature: signed(means, statement) };
}

function signed({ chain, ports }: Means, statement: Statement): Uint8Array {
  invariant(statement.height > 0, "heights start at 1");
  return ports.sign(statementDigest(statement, chain, ports));
}
