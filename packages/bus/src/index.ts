export {
  type Broker,
  type BrokerLimits,
  type BrokerOptions,
  type BrokerTls,
  type BrokerUser,
  startBroker,
} from "./broker.ts";
export type { Bus, BusTraffic, Unsubscribe } from "./bus.ts";
export type { BusErrorDetail } from "./errors.ts";
export { createMailbox } from "./mailbox.ts";
export {
  type Address,
  type Identity,
  MAILBOX_LIMITS,
  type Mailbox,
  type MailboxLimits,
  type MailboxOptions,
  type Message,
  type Rejected,
  type RejectionCode,
  type SentMessage,
  type Undelivered,
} from "./mailbox-types.ts";
export { createMemoryBroker, type MemoryBroker, type MemoryBrokerOptions } from "./memory-bus.ts";
export { type BusOptions, connectBus, type MqttBus } from "./mqtt-bus.ts";
export { BUS_LIMITS, type BusLimits } from "./publish-queue.ts";
