import { type Address, createProposers, type Message } from "../../src/index.ts";
import { doubleVotes, forgedProposal, lyingRoundChange, type Means, temptingValue } from "./attacks.ts";
import { scheduleByEpoch } from "./epochs.ts";
import type { Loot } from "./loot.ts";
import type { Packet } from "./network.ts";
import { createPersona, type Persona } from "./persona.ts";
import { messageSummary } from "./summaries.ts";
import { othersThan, type SimulatedNode, type World } from "./world.ts";

/** A bound on the noise that one traitor makes in a run. */
const MAX_ATTACKS = 400;

/**
 * A Byzantine validator. It runs as many copies of the protocol as `Attacks` says, and on what it hears
 * it makes messages of its own.
 */
export function createTraitor(world: World, index: number, loot: Loot): SimulatedNode {
  const { random, network, profile, validators, chain, values, keys } = world;
  const { address } = validators[index] as { readonly address: Address };
  const { attacks } = profile;
  const others = othersThan(index, world);
  const quorum = world.rules.quorumSize(validators.length);
  const means: Means = {
    address,
    chain,
    ports: keys.portsOf(address),
    loot,
    values,
    random,
    quorum,
  };
  /** By height: it stays at each, to work on those that others have left behind there. */
  const personas = new Map<number, readonly Persona[]>();
  let side = drawSides();
  let made = 0;

  function drawSides(): readonly number[] {
    return Array.from({ length: profile.validators }, () => random.int(2));
  }

  function say(message: Message, to: readonly number[]): void {
    world.trace(index, () => `(traitor) sends ${messageSummary(message)} to ${to.join(",")}`);
    loot.add(address, message);
    network.send(index, to, { type: "message", message });
  }

  function attack(message: Message, to: readonly number[] = others.filter(() => random.chance(0.6))): void {
    if (made >= MAX_ATTACKS) return;
    made += 1;
    say(message, to);
  }

  function audience(message: Message, which: number): readonly number[] {
    if (message.type === "commit" && random.chance(attacks.whisper)) return [random.pick(others)];
    return attacks.copies === 1 ? others : others.filter((each) => side[each] === which);
  }

  function personasAt(height: number): readonly Persona[] {
    let found = personas.get(height);
    if (found === undefined) {
      found = Array.from({ length: attacks.copies }, (_, which) =>
        createPersona(world, means, height, (message) => {
          say(message, audience(message, which));
          onHeard(message);
        }),
      );
      personas.set(height, found);
    }
    return found;
  }

  function onHeard(message: Message): void {
    const { height, round } = message;
    if (message.type === "pre-prepare" && random.chance(attacks.doubleVote)) {
      for (const vote of doubleVotes(means, message)) attack(vote);
    }
    if (message.type !== "round-change") return;
    if (random.chance(attacks.lyingRoundChange)) {
      const boast = (): number => (random.chance(0.2) ? random.int(50) : 0);
      attack(lyingRoundChange(means, height + boast(), round + boast()));
    }
    if (random.chance(attacks.forgedProposal)) {
      const proposal = forgedProposal(means, height, ownRound(height, round));
      const audience = others.filter(() => random.chance(0.8));
      for (const each of [proposal, ...doubleVotes(means, proposal)]) attack(each, audience);
    }
  }

  /** The next round from `round` on in which this validator proposes; sometimes just `round`. */
  function ownRound(height: number, round: number): number {
    if (random.chance(0.1)) return round;
    const { validators: weighted, seed } = scheduleByEpoch(world, height, world.audit.decision);
    const proposer = createProposers(weighted, seed && { seed, hash: means.ports.hash });
    let own = round;
    while (proposer(height, own) !== address) own += 1;
    return own;
  }

  function onMessage(from: number, message: Message): void {
    const peer = validators[from] as { readonly address: Address };
    loot.add(peer.address, message);
    // copies are kept from commits: they never decide, and go on helping whoever has not
    const copies = message.type === "commit" ? [] : personasAt(message.height);
    for (const copy of copies) copy.input({ type: "message", message, from: peer.address });
    if (random.chance(0.05)) side = drawSides();
    onHeard(message);
    if (random.chance(attacks.replay)) attack(random.pick(loot.messages));
  }

  function onBlockRequest(from: number, height: number): void {
    if (!random.chance(attacks.forgedBlock)) return;
    const seals = loot
      .certificates(height)
      .flatMap(({ signatures }) => signatures)
      .slice(0, quorum);
    const value = temptingValue(means, height);
    network.send(index, [from], { type: "blocks", blocks: [{ height, round: 0, value, seals }] });
  }

  return {
    start: () => {
      personasAt(1);
    },
    receive(from: number, packet: Packet) {
      if (packet.type === "message") onMessage(from, packet.message);
      if (packet.type === "block-request") onBlockRequest(from, packet.height);
    },
  };
}
