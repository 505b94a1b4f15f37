import { bytesToHex, hexToBytes } from "@sheaf/base";
import { keccak256 } from "@sheaf/protocol";
import type { AgentPorts } from "../../../src/agents/ports.ts";
import type { JobFacts, MarketView } from "../../../src/agents/view/market-view.ts";
import { toyRecover } from "../../simulation/identities.ts";
import { SCOPE, type Seat, type Table } from "./table.ts";

/** What an agent knows of job 1 (or of another) from the chain. */
export function factsOf(seat: Seat, table: Table, job = 1n): JobFacts {
  const facts = table.stateOf<{ view: MarketView }>(seat).view.jobs.get(job);
  if (facts === undefined) throw new TypeError(`${seat.address} knows no job ${job}`);
  return facts;
}

/** Ports as the agent's own, for calling parts of it from outside. */
export function portsFor(seat: Pick<Seat, "address" | "identity">): AgentPorts {
  let drawn = 0;
  return {
    self: seat.address,
    scope: SCOPE,
    entropy: (length) => new Uint8Array(length).fill(++drawn & 0xff),
    keccak256: (bytes) => bytesToHex(keccak256(bytes)),
    sign: (digest) => seat.identity.sign(hexToBytes(digest)),
    recover: (digest, signature) => toyRecover(hexToBytes(digest), signature),
  };
}
