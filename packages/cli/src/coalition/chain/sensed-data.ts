import { bytesToHex, createRandom, type Hex } from "@sheaf/base";
import { coalitionDomain, sampleProof, sampleRoot, statementTypes } from "@sheaf/contracts";
import { type Address, keccak256 } from "@sheaf/protocol";
import { Wallet } from "ethers";
import { COALITIONS_ADDRESS } from "./coalition-topology.ts";
import type { WorkerAccount } from "./participants.ts";

/** A worker's statement as a miner hands it to the contract [SENSE.2]. */
export interface Statement {
  readonly worker: Address;
  readonly samples: number;
  readonly root: Hex;
  readonly signature: Hex;
}

/** Bytes of a record. */
const RECORD_BYTES = 32;

/** What workers sensed, and signed. The same seed gives the same records. */
export interface SensedData {
  /** Signed by the worker for this epoch. */
  statement(worker: WorkerAccount, epoch: number): Promise<Statement>;
  /** The record at `index` with its proof [CHALLENGE.3], or `undefined` when nobody has it. */
  show(
    worker: WorkerAccount,
    epoch: number,
    index: number,
  ): { readonly record: Hex; readonly proof: readonly Hex[] } | undefined;
}

export function createSensedData(seed: string, chainId: number): SensedData {
  const domain = coalitionDomain(chainId, COALITIONS_ADDRESS);
  const known = new Map<string, Promise<Statement>>();

  function recordsOf(worker: WorkerAccount, epoch: number): readonly Uint8Array[] {
    const random = createRandom(`${seed}/records/${worker.id}/${epoch}`);
    return Array.from({ length: worker.samples }, () => random.bytes(RECORD_BYTES));
  }

  async function sign(worker: WorkerAccount, epoch: number): Promise<Statement> {
    const { address, samples, invents } = worker;
    const root = invents
      ? bytesToHex(createRandom(`${seed}/invented/${worker.id}/${epoch}`).bytes(32))
      : bytesToHex(sampleRoot(recordsOf(worker, epoch), keccak256));
    const types = { Statement: [...statementTypes.Statement] };
    const signature = await new Wallet(worker.key).signTypedData(domain, types, { epoch, samples, root });
    return { worker: address, samples, root, signature: signature as Hex };
  }

  return {
    statement(worker, epoch) {
      const name = `${worker.id}/${epoch}`;
      const statement = known.get(name) ?? sign(worker, epoch);
      known.set(name, statement);
      return statement;
    },
    show(worker, epoch, index) {
      if (worker.invents) return undefined;
      const records = recordsOf(worker, epoch);
      const record = records[index];
      if (record === undefined) return undefined;
      const proof = sampleProof(records, index, keccak256).map((hash) => bytesToHex(hash));
      return { record: bytesToHex(record), proof };
    },
  };
}
