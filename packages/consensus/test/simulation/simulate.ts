import { createRandom, createVirtualClock, type Millis } from "@sheaf/base";
import { qbftRules, type Rules } from "../../src/rules.ts";
import { createAudit, type Violation } from "./audit.ts";
import { type CorrectNode, createCorrectNode } from "./correct-node.ts";
import { type Schedule, type ScheduleRule, scheduleByEpoch } from "./epochs.ts";
import { createLoot } from "./loot.ts";
import { createNetwork } from "./network.ts";
import { type Profile, profileOf } from "./profile.ts";
import { createToyKeys, toyAddress } from "./toy-ports.ts";
import { createToyValues } from "./toy-values.ts";
import { createTraitor } from "./traitor.ts";
import type { SimulatedNode, Storage, World } from "./world.ts";

/** How long after the network has healed every correct validator must have decided every height. */
export const TERMINATION_MS = 30_000;

export interface SimulationOptions {
  /** Instead of the protocol's own. */
  readonly rules?: Rules;
  /** `in-order` unless it is to be shown what happens else. */
  readonly storage?: Storage;
  /** Instead of `scheduleByEpoch`. */
  readonly schedule?: ScheduleRule;
  /** Called with a line for each thing that happens. */
  readonly trace?: (line: string) => void;
}

export interface SimulationResult {
  readonly profile: Profile;
  readonly violation: Violation | undefined;
  readonly packets: number;
  readonly endedAtMs: Millis;
  readonly highestRound: number;
  /** Who could propose at each height. */
  readonly schedules: readonly Schedule[];
}

/** Runs the network that `seed` stands for until all is decided, something is wrong, or time is up. */
export function simulate(seed: number, options: SimulationOptions = {}): SimulationResult {
  const profile = profileOf(seed);
  const { nodes, world } = createWorld(seed, profile, options);
  const correct = nodes.filter((node): node is CorrectNode => "crash" in node);
  const { clock, audit } = world;
  scheduleCrashes(world, correct);
  for (const node of nodes) node.start();

  const deadline = profile.healAtMs + TERMINATION_MS;
  let highestRound = 0;
  let events = 0;
  while (audit.violation === undefined) {
    if (correct.every(({ height }) => height >= profile.heights)) break;
    if (clock.now() > deadline || !clock.runNext()) {
      const heights = correct.map(({ height }) => height).join(", ");
      audit.report("termination", `heights ${heights} of ${profile.heights} after ${TERMINATION_MS} ms`);
    }
    events += 1;
    if (events % 64 === 0) {
      for (const { state } of correct) highestRound = Math.max(highestRound, state?.round ?? 0);
    }
  }
  const { violation } = audit;
  const schedules = Array.from({ length: profile.heights }, (_, index) =>
    scheduleByEpoch(world, index + 1, audit.decision),
  );
  return { profile, violation, packets: world.network.sent, endedAtMs: clock.now(), highestRound, schedules };
}

function createWorld(
  seed: number,
  profile: Profile,
  options: SimulationOptions,
): { readonly world: World; readonly nodes: readonly SimulatedNode[] } {
  const random = createRandom(`run/${seed}`);
  const clock = createVirtualClock();
  const keys = createToyKeys();
  const values = createToyValues(random);
  const rules = options.rules ?? qbftRules;
  const chain = random.bytes(32);
  const validators = profile.weights.map((weight, index) => ({ address: toyAddress(index), weight }));
  const traitors = new Set(random.shuffle([...validators.keys()]).slice(0, profile.traitors));
  const correct = new Set(
    validators.filter((_, index) => !traitors.has(index)).map(({ address }) => address),
  );
  const quorum = rules.quorumSize(validators.length);
  const origin = { profile, validators, chain };
  const audit = createAudit(origin, quorum, correct, { clock, values, ports: keys.portsOf("0x") });
  const nodes: SimulatedNode[] = [];
  const network = createNetwork(profile, clock, random, (from, to, packet) =>
    nodes[to]?.receive(from, packet),
  );
  const { trace: line, storage = "in-order", schedule = scheduleByEpoch } = options;
  const trace: World["trace"] = (node, text) =>
    line?.(`${clock.now().toFixed(1).padStart(9)}  ${node}  ${text()}`);
  const world: World = {
    ...origin,
    clock,
    random,
    keys,
    values,
    network,
    audit,
    rules,
    storage,
    schedule,
    trace,
  };
  const loot = createLoot();
  for (const index of validators.keys()) {
    nodes.push(traitors.has(index) ? createTraitor(world, index, loot) : createCorrectNode(world, index));
  }
  return { world, nodes };
}

/** Kills correct validators at random moments, each at one of its next outputs. */
function scheduleCrashes({ profile, random, clock }: World, correct: readonly CorrectNode[]): void {
  for (let count = 0; count < profile.crashes; count++) {
    const atMs = random.float() * profile.healAtMs * 0.8;
    const downMs = random.float() * (random.chance(0.5) ? 50 : profile.healAtMs - atMs);
    const node = random.pick(correct);
    const outputs = random.int(6);
    clock.schedule(atMs, () => node.crash(outputs, downMs));
  }
}
