import { invalidInput } from "@sheaf/base";
import { epsilonOfCurve } from "./conversion.ts";
import { type MechanismInput, parseMechanism } from "./mechanism.ts";
import { defaultOrders, rdpOfRelease } from "./rdp.ts";

export interface AccountantOptions extends MechanismInput {
  readonly delta: number;
  /** Rényi orders, each above 1; `defaultOrders` unless given. */
  readonly orders?: readonly number[];
}

export interface Accountant {
  /** The least epsilon over all orders such that `steps` releases are (epsilon, delta)-private. */
  epsilonAfter(steps: number): number;
  /** The order at which that least is reached. */
  orderAfter(steps: number): number;
  /** Rényi divergence of one release, one number an order. */
  readonly curve: readonly number[];
}

/** Accounts for releases of one mechanism [PRIVACY.4]. `INVALID_INPUT` for numbers out of range. */
export function createAccountant(options: AccountantOptions): Accountant {
  const { delta, orders = defaultOrders, ...rest } = options;
  const mechanism = parseMechanism(rest);
  checkDelta(delta);
  const curve = orders.map((order) => rdpOfRelease(mechanism, order));
  const after = (steps: number) =>
    epsilonOfCurve(steps === 0 ? curve.map(() => 0) : curve.map((rdp) => rdp * steps), orders, delta);
  return {
    epsilonAfter: (steps) => after(steps).epsilon,
    orderAfter: (steps) => after(steps).order,
    curve,
  };
}

/** `INVALID_INPUT` unless 0 < delta < 1. */
export function checkDelta(delta: number): void {
  if (!(delta > 0 && delta < 1)) throw invalidInput("delta", `${delta} is not between 0 and 1`);
}
