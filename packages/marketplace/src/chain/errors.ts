import { CodedError, type Hex } from "@sheaf/base";
import { coalitionsContract, licencesContract, marketContract, reputationContract } from "@sheaf/contracts";
import { Interface } from "ethers";

/** Errors of transactions and views of the market, and of the other contracts that its transactor is used for. */
export type ChainErrorDetail =
  /**
   * The contract refused the call with its error `name`; the code is the name in capitals (`TooLate`:
   * `TOO_LATE`), `REVERTED` when it gave none. `transactionHash` only when a block includes the refusal.
   */
  | {
      readonly code: Uppercase<string>;
      readonly method: string;
      readonly name: string;
      readonly args: readonly string[];
      readonly transactionHash?: Hex;
    }
  /** The account cannot pay value and gas. */
  | { readonly code: "INSUFFICIENT_FUNDS"; readonly method: string }
  /** The node will never take the transaction. */
  | { readonly code: "TRANSACTION_REFUSED"; readonly method: string; readonly reason: string }
  /** No block included it in the time given; it may still come. */
  | { readonly code: "NOT_INCLUDED"; readonly method: string; readonly transactionHash: Hex };

const errors = new Interface(
  [licencesContract, marketContract, reputationContract, coalitionsContract]
    .flatMap(({ abi }) => abi.filter(({ type }) => type === "error").map((entry) => JSON.stringify(entry)))
    .filter((entry, index, all) => all.indexOf(entry) === index)
    .map((entry) => JSON.parse(entry)),
);

/** `TooLate` -> `TOO_LATE`. */
export function toErrorCode(name: string): Uppercase<string> {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "_").toUpperCase() as Uppercase<string>;
}

/** The error of a refused call, from its revert data (or anything else that a node put there). */
export function contractError(
  method: string,
  data: unknown,
  transactionHash?: Hex,
): CodedError<ChainErrorDetail> {
  const revert = typeof data === "string" && /^0x([0-9a-f]{2}){4,}$/i.test(data) ? data : undefined;
  const parsed = revert === undefined ? null : errors.parseError(revert);
  const name = parsed?.name ?? "Reverted";
  const args = parsed?.args.map((each) => String(each).toLowerCase()) ?? [];
  const where = transactionHash === undefined ? "" : ` in ${transactionHash}`;
  return new CodedError(`${method}: the contract refused${where}: ${name}(${args.join(", ")})`, {
    code: toErrorCode(name),
    method,
    name,
    args,
    ...(transactionHash !== undefined && { transactionHash }),
  });
}

export function insufficientFunds(method: string): CodedError<ChainErrorDetail> {
  return new CodedError(
    `${method}: the account cannot pay for it`,
    { code: "INSUFFICIENT_FUNDS", method },
    { advice: "send coins to the account, or ask for less" },
  );
}

export function transactionRefused(method: string, reason: string): CodedError<ChainErrorDetail> {
  return new CodedError(`${method}: the node refuses the transaction: ${reason}`, {
    code: "TRANSACTION_REFUSED",
    method,
    reason,
  });
}

export function notIncluded(
  method: string,
  transactionHash: Hex,
  afterMs: number,
): CodedError<ChainErrorDetail> {
  return new CodedError(
    `${method}: no block has included ${transactionHash} within ${afterMs / 1000} s`,
    { code: "NOT_INCLUDED", method, transactionHash },
    { advice: "check that the chain makes blocks" },
  );
}
