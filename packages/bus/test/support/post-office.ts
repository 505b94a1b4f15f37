import { createRandom, createVirtualClock, type VirtualClock } from "@sheaf/base";
import {
  type Address,
  type Bus,
  createMailbox,
  createMemoryBroker,
  type Identity,
  type Mailbox,
  type MailboxLimits,
  type MailboxOptions,
  type MemoryBroker,
  type MemoryBrokerOptions,
  type Message,
  type Rejected,
  type Undelivered,
} from "../../src/index.ts";
import { createKeyRing, type KeyRing } from "../../src/key-ring.ts";
import { createIdentity, crypto } from "./identities.ts";

export const SCOPE = "7/0x00000000000000000000000000000000000000aa";

/** A mailbox and all that came out of it. */
export interface Agent {
  readonly identity: Identity;
  readonly bus: Bus;
  readonly mailbox: Mailbox;
  readonly messages: Message[];
  readonly rejected: Rejected[];
  readonly undelivered: Undelivered[];
}

/** Mailboxes on one virtual clock and a broker in memory. */
export interface PostOffice {
  readonly clock: VirtualClock;
  readonly broker: MemoryBroker;
  readonly licensed: Set<Address>;
  options(limits?: Partial<MailboxLimits>): MailboxOptions;
  /** `process` tells processes of one agent apart. */
  agent(name: string, limits?: Partial<MailboxLimits>, process?: number): Promise<Agent>;
  /** Lets both learn each other's keys. */
  meet(a: Agent, b: Agent): Promise<void>;
  /** Lets so much virtual time pass. */
  run(ms: number): Promise<void>;
  /** Lets virtual time pass until it has settled. */
  settle<T>(pending: Promise<T>): Promise<T>;
}

/** Wall time of the clock at the start: a date, not 1970. */
const START_MS = 1_700_000_000_000;

const secretOf = (name: string, process: number): Uint8Array =>
  createRandom(`process ${process} of ${name}`).bytes(32);

/** A key ring as an agent's process has it, which knows nobody yet. */
export const keyRingOf = (name: string, process = 1): KeyRing => createKeyRing(secretOf(name, process));

export function createPostOffice(faults: MemoryBrokerOptions = {}, seed = "post office"): PostOffice {
  const clock = createVirtualClock(START_MS);
  const broker = createMemoryBroker(faults, { clock, random: createRandom(seed) });
  const licensed = new Set<Address>();
  const options = (limits: Partial<MailboxLimits> = {}): MailboxOptions => ({
    chainScope: SCOPE,
    clock,
    licensed: (address) => licensed.has(address),
    ...crypto,
    limits,
  });
  const office: PostOffice = {
    clock,
    broker,
    licensed,
    options,
    async meet(a, b) {
      await office.settle(a.mailbox.send(b.identity.address, 0n, "meet", new Uint8Array(0)));
      await office.run(1000);
      b.messages.pop();
    },
    async agent(name, limits, process = 1) {
      const identity = createIdentity(name);
      licensed.add(identity.address);
      const bus = broker.connect();
      const mailbox = await createMailbox(bus, identity, {
        ...options(limits),
        processSecret: secretOf(name, process),
      });
      return { identity, bus, mailbox, ...observe(mailbox) };
    },
    async settle(pending) {
      let settled = false;
      const done = (): void => {
        settled = true;
      };
      pending.then(done, done);
      await turn();
      while (!settled) {
        clock.runNext();
        await turn();
      }
      return pending;
    },
    async run(ms) {
      let due = false;
      clock.schedule(ms, () => {
        due = true;
      });
      while (!due) {
        await turn();
        clock.runNext();
      }
      await turn();
    },
  };
  return office;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Collects what comes out of a mailbox. */
export function observe(mailbox: Mailbox): Pick<Agent, "messages" | "rejected" | "undelivered"> {
  const messages: Message[] = [];
  const rejected: Rejected[] = [];
  const undelivered: Undelivered[] = [];
  mailbox.onMessage((message) => void messages.push(message));
  mailbox.onRejected((each) => void rejected.push(each));
  mailbox.onUndelivered((each) => void undelivered.push(each));
  return { messages, rejected, undelivered };
}
