import { CodedError, type Hex } from "@sheaf/base";

/** Errors of this package, beside `INVALID_INPUT`. */
export type BusErrorDetail =
  /** No broker answered within the time given to connect. */
  | { readonly code: "BROKER_UNREACHABLE"; readonly url: string; readonly problem: string }
  /** The broker refuses this user, password or certificate: trying again is of no use. */
  | { readonly code: "BROKER_REFUSED"; readonly url: string; readonly problem: string }
  /** The broker does not let this user read the topic. */
  | { readonly code: "SUBSCRIPTION_REFUSED"; readonly topic: string }
  /** More bytes wait for the broker than this end may hold. */
  | { readonly code: "BUS_QUEUE_FULL"; readonly waitingBytes: number; readonly limitBytes: number }
  /** The broker did not take the message over in time. */
  | { readonly code: "PUBLISH_EXPIRED"; readonly topic: string; readonly limitMs: number }
  /** The broker does not let this user publish there, or has no room. */
  | { readonly code: "PUBLISH_REFUSED"; readonly topic: string; readonly reason: number }
  | { readonly code: "PACKET_TOO_LARGE"; readonly bytes: number; readonly limitBytes: number }
  | { readonly code: "BUS_CLOSED" }
  /** More bytes wait for receipts than the mailbox may hold. */
  | { readonly code: "MAILBOX_FULL"; readonly heldBytes: number; readonly limitBytes: number }
  /** The recipient showed no key to seal to before the message's deadline [BUS.16]. */
  | { readonly code: "RECIPIENT_KEY_UNKNOWN"; readonly to: Hex; readonly limitMs: number }
  /** The body is above the limit of the mailbox. */
  | { readonly code: "BODY_TOO_LARGE"; readonly bytes: number; readonly limitBytes: number };

/** An error of this package. */
export function busError(
  message: string,
  detail: BusErrorDetail,
  options: { readonly advice?: string; readonly cause?: unknown } = {},
): CodedError<BusErrorDetail> {
  return new CodedError(message, detail, options);
}
