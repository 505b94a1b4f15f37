import type { RpcErrorObject } from "@sheaf/protocol";
import { invalidParams } from "./rpc-fault.ts";
import type { Session } from "./session.ts";

/** Reads one parameter; raises `RPC_FAULT` (invalid params) that says what was expected. */
export type Parameter<T> = (value: unknown) => T;

type Arguments<P extends readonly Parameter<unknown>[]> = {
  [Index in keyof P]: P[Index] extends Parameter<infer T> ? T : never;
};

/** What a call that fails is answered with. */
export interface Failure {
  readonly error: RpcErrorObject;
}

export type Outcome = { readonly result: unknown } | Failure;

export interface Method {
  /** The result, or a promise of it. Raises `RPC_FAULT`. */
  call(params: readonly unknown[], session: Session): unknown;
  /** Answers consecutive calls of one batch together. */
  callAll?(calls: readonly (readonly unknown[])[]): readonly Outcome[];
}

export type MethodTable = Readonly<Record<string, Method>>;

/** A method whose parameters are read by position; missing trailing ones read as `undefined` [RPC.2]. */
export function method<const P extends readonly Parameter<unknown>[]>(
  parameters: P,
  handle: (values: Arguments<P>, session: Session) => unknown,
): Method {
  return {
    call(params, session) {
      if (params.length > parameters.length) {
        throw invalidParams(`too many arguments, want at most ${parameters.length}`);
      }
      return handle(parameters.map((read, index) => readAt(read, params, index)) as Arguments<P>, session);
    },
  };
}

/** The parameter at `index`, which must be there unless `read` takes `undefined`. */
export function readAt<T>(read: Parameter<T>, params: readonly unknown[], index: number): T {
  try {
    return read(params[index]);
  } catch (error) {
    if (!(error instanceof ParameterProblem)) throw error;
    throw params[index] === undefined
      ? invalidParams(`missing value for required argument ${index}: ${error.message}`)
      : invalidParams(`invalid argument ${index}: ${error.message}`);
  }
}

/** What a parameter reader raises: the text says what was expected. */
export class ParameterProblem extends Error {}
