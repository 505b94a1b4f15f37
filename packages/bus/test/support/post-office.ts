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
  agent(name: string, limits?: Partial<MailboxLimits>): Promise<Agent>;
  /** Lets so much virtual time pass. */
  run(ms: number): Promise<void>;
}

/** Wall time of the clock at the start: a date, not 1970. */
const START_MS = 1_700_000_000_000;

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
  return {
    clock,
    broker,
    licensed,
    options,
    async agent(name, limits) {
      const identity = createIdentity(name);
      licensed.add(identity.address);
      const bus = broker.connect();
      const mailbox = await createMailbox(bus, identity, options(limits));
      return { identity, bus, mailbox, ...observe(mailbox) };
    },
    async run(ms) {
      let due = false;
      clock.schedule(ms, () => {
        due = true;
      });
      while (!due) {
        await new Promise((resolve) => setImmediate(resolve));
        clock.runNext();
      }
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

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
