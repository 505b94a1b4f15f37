import { errorCode } from "@sheaf/base";
import { RPC_ERROR, type RpcErrorObject } from "@sheaf/protocol";
import { resultToJson } from "./json-text.ts";
import type { Failure, Method, MethodTable, Outcome } from "./method.ts";
import { RESPONSE_TOO_LARGE, rpcErrorOf } from "./rpc-fault.ts";
import type { Session } from "./session.ts";

export interface Dispatcher {
  /** The JSON text that answers a request or batch; `undefined` when there was nothing but notifications. */
  handle(body: string, session: Session): string | undefined | Promise<string | undefined>;
}

export interface DispatcherOptions {
  readonly methods: MethodTable;
  /** Calls in one batch. */
  readonly maxBatch: number;
  /** Told of every answered call; the name is one of the table's, or `unknown`. */
  readonly onAnswered: (method: string, ok: boolean) => void;
  /** Told of everything that a method raised and that is not an answer. */
  readonly onDefect: (error: unknown, method: string) => void;
}

/** Text of a batch's answer, beyond which its further calls are refused, characters. */
const MAX_RESPONSE_LENGTH = 25_000_000;
/** Text of one result, at most, characters: whole blocks fit, and a batch stays far below the longest string. */
const MAX_RESULT_LENGTH = 100_000_000;
/** Calls of one method that are answered together: a signature takes some 70 us to check. */
const MAX_TOGETHER = 64;
/** A batch gives way to the rest of the process after this long. */
const TURN_MS = 10;

/** Refuses what is left of a batch, with the code of Geth. */
const BATCH_TOO_LARGE: RpcErrorObject = { code: -32003, message: "response too large" };
const RESULT_TOO_LARGE: Failure = { error: RESPONSE_TOO_LARGE };
const INTERNAL: RpcErrorObject = { code: RPC_ERROR.internal, message: "internal error" };
const NO_PARAMS: readonly unknown[] = [];

/** A well-formed call. */
interface Call {
  /** JSON text of the identifier; a notification has none. */
  readonly id: string | undefined;
  readonly name: string;
  /** `undefined` when there is no such method. */
  readonly method: Method | undefined;
  readonly params: readonly unknown[];
}

/** Dispatches JSON-RPC 2.0 texts to a table of methods [RPC.1]. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { maxBatch, onAnswered, onDefect } = options;
  const methods = new Map(Object.entries(options.methods));

  /** The call in `item`, or the error that answers it. */
  function readCall(item: unknown): Call | { readonly malformed: string } {
    const { jsonrpc, id, method, params } = (item ?? {}) as Readonly<Record<string, unknown>>;
    const isId = id === undefined || id === null || typeof id === "string" || typeof id === "number";
    const idText = isId && id !== undefined ? JSON.stringify(id) : undefined;
    if (jsonrpc !== "2.0" || typeof method !== "string" || !isId) {
      return { malformed: errorText(idText ?? "null", invalidRequest("invalid request")) };
    }
    if (params !== undefined && params !== null && !Array.isArray(params)) {
      return {
        malformed: errorText(idText ?? "null", { code: RPC_ERROR.invalidParams, message: "non-array args" }),
      };
    }
    return {
      id: idText,
      name: method,
      method: methods.get(method),
      params: (params as readonly unknown[] | null | undefined) ?? NO_PARAMS,
    };
  }

  function failed(error: unknown, name: string): Failure {
    if (isTooLong(error)) return RESULT_TOO_LARGE;
    const rpc = rpcErrorOf(error);
    if (rpc === undefined) onDefect(error, name);
    return { error: rpc ?? INTERNAL };
  }

  function run({ name, method, params }: Call, session: Session): Outcome | Promise<Outcome> {
    if (method === undefined) return { error: methodNotFound(name) };
    try {
      const result = method.call(params, session);
      if (!(result instanceof Promise)) return { result };
      return result.then(
        (value: unknown) => ({ result: value }),
        (error: unknown) => failed(error, name),
      );
    } catch (error) {
      return failed(error, name);
    }
  }

  /** Calls of one method, which takes them together. */
  function runTogether(method: Method, calls: readonly Call[]): readonly Outcome[] {
    try {
      return method.callAll?.(calls.map(({ params }) => params)) ?? [];
    } catch (error) {
      return calls.map(({ name }) => failed(error, name));
    }
  }

  /** The JSON of a result, or the error that stands for one that is too long or cannot be written. */
  function write(result: unknown, name: string): { readonly json: string } | Failure {
    try {
      const json = resultToJson(result);
      return json.length > MAX_RESULT_LENGTH ? RESULT_TOO_LARGE : { json };
    } catch (error) {
      return failed(error, name);
    }
  }

  /** The text that answers a call, if it wants one. Never throws: all results become text here. */
  function answer({ id, method, name }: Call, outcome: Outcome): string | undefined {
    const written =
      "error" in outcome ? outcome : id === undefined ? { json: "" } : write(outcome.result, name);
    const ok = "json" in written;
    onAnswered(method === undefined ? "unknown" : name, ok);
    if (id === undefined) return undefined;
    return ok ? `{"jsonrpc":"2.0","id":${id},"result":${written.json}}` : errorText(id, written.error);
  }

  async function handleBatch(items: readonly unknown[], session: Session): Promise<string | undefined> {
    const calls = items.map(readCall);
    const texts: string[] = [];
    let length = 0;
    let turnEnds = performance.now() + TURN_MS;
    const add = (text: string | undefined): void => {
      if (text === undefined) return;
      texts.push(text);
      length += text.length;
    };
    for (let index = 0; index < calls.length; index++) {
      const call = calls[index] as (typeof calls)[number];
      if ("malformed" in call) {
        add(call.malformed);
        continue;
      }
      if (length > MAX_RESPONSE_LENGTH) {
        add(answer(call, { error: BATCH_TOO_LARGE }));
        continue;
      }
      const together = call.method?.callAll === undefined ? [] : sameMethod(calls, index, call);
      if (call.method?.callAll !== undefined && together.length > 1) {
        const outcomes = runTogether(call.method, together);
        for (const [at, each] of together.entries()) add(answer(each, outcomes[at] as Outcome));
        index += together.length - 1;
      } else {
        const outcome = run(call, session);
        add(answer(call, outcome instanceof Promise ? await outcome : outcome));
      }
      if (performance.now() < turnEnds) continue;
      await new Promise((resolve) => setImmediate(resolve));
      turnEnds = performance.now() + TURN_MS;
    }
    return texts.length === 0 ? undefined : `[${texts.join(",")}]`;
  }

  return {
    handle(body, session) {
      let parsed: unknown;
      try {
        parsed = JSON.parse(body);
      } catch {
        return errorText("null", { code: RPC_ERROR.parse, message: "parse error" });
      }
      if (Array.isArray(parsed)) {
        if (parsed.length === 0) return errorText("null", invalidRequest("empty batch"));
        if (parsed.length > maxBatch) {
          return errorText("null", invalidRequest(`batch too large: at most ${maxBatch} calls`));
        }
        return handleBatch(parsed, session);
      }
      const call = readCall(parsed);
      if ("malformed" in call) return call.malformed;
      const outcome = run(call, session);
      return outcome instanceof Promise ? outcome.then((each) => answer(call, each)) : answer(call, outcome);
    },
  };
}

/** The calls from `start` on that ask for the same method as `first`. */
function sameMethod(
  calls: readonly (Call | { malformed: string })[],
  start: number,
  first: Call,
): readonly Call[] {
  const together: Call[] = [];
  const end = Math.min(calls.length, start + MAX_TOGETHER);
  for (let index = start; index < end; index++) {
    const call = calls[index];
    if (call === undefined || "malformed" in call || call.method !== first.method) break;
    together.push(call);
  }
  return together;
}

/** Whether a text would have been longer than a string can be. */
function isTooLong(error: unknown): boolean {
  if (error instanceof RangeError && error.message === "Invalid string length") return true;
  return errorCode(error) === "ERR_STRING_TOO_LONG";
}

export function errorText(id: string, error: RpcErrorObject): string {
  return `{"jsonrpc":"2.0","id":${id},"error":${JSON.stringify(error)}}`;
}

function invalidRequest(message: string): RpcErrorObject {
  return { code: RPC_ERROR.invalidRequest, message };
}

function methodNotFound(name: string): RpcErrorObject {
  const shown = name.length > 100 ? `${name.slice(0, 100)}...` : name;
  return {
    code: RPC_ERROR.methodNotFound,
    message: `the method ${shown} does not exist/is not available`,
  };
}
