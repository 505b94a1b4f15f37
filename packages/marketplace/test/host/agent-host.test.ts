import { CodedError, createRandom, utf8 } from "@sheaf/base";
import { describe, expect, test } from "vitest";
import type { AgentInput, AgentOutput } from "../../src/agents/ports.ts";
import { block, createToyHost, PEER, scripted, settle } from "./support/toy-host.ts";

const save = (key: string, text = key): AgentOutput => ({ type: "save", key, value: utf8(text) });
const send = (kind: string): AgentOutput => ({
  type: "send",
  to: PEER,
  job: 1n,
  kind,
  body: new Uint8Array(0),
});
const join: AgentOutput = { type: "transact", id: "1/join", call: { method: "join", job: 1n } };
const evaluate: AgentOutput = { type: "compute", id: "1/keys", work: { kind: "paillier-keys", bits: 2048 } };
const isMessage = (input: AgentInput, kind: string): boolean =>
  input.type === "message" && input.message.kind === kind;

describe("the host", () => {
  test("performs outputs in order; a save is on the disk before what follows leaves", async () => {
    const agent = scripted((input) =>
      isMessage(input, "go")
        ? [save("a"), send("first"), save("bulk/b"), join, send("second"), save("a")]
        : [],
    );
    const { host, did, message } = await createToyHost(agent);
    await host.start();
    await host.block(block(1), true);
    await message("go");
    expect(did).toEqual([
      "open",
      "record received",
      "save a",
      "send first",
      "save bulk/b",
      "transact join",
      "send second",
      "save a",
    ]);
  });

  test("gives inputs one at a time, in the order of their coming, with the time", async () => {
    const agent = scripted(() => [save("slow")]);
    const inputs: AgentInput[] = [];
    const { host, clock, message } = await createToyHost({
      ...agent,
      step(state, input) {
        inputs.push(input);
        return agent.step(state, input);
      },
    });
    await host.start();
    await host.block(block(1), true);
    await Promise.all([message("a"), host.block(block(2), true), message("b")]);
    clock.runUntil(4_000);
    await message("c");
    const kinds = inputs.map((each) => (each.type === "message" ? each.message.kind : each.type));
    expect(kinds).toEqual(["start", "chain", "a", "chain", "b", "c"]);
    expect(inputs.at(-1)?.nowMs).toBe(4_000);
  });

  test("[BUS.13] confirms a message when what follows from it is saved, and not when that fails", async () => {
    const agent = scripted((input) => (input.type === "message" ? [save(input.message.kind)] : []));
    const { host, did, message, fatal, folder } = await createToyHost(agent);
    await host.start();
    await host.block(block(1), true);
    await message("good").then(() => did.push("receipt"));
    expect(did.slice(-2)).toEqual(["save good", "receipt"]);
    // No file can have this name.
    await expect(message("x".repeat(300))).rejects.toThrow();
    expect(fatal).toHaveLength(1);
    expect(folder).toBeTruthy();
  });

  test("a broker that takes nothing does not hold up the agent", async () => {
    const agent = scripted((input) => (isMessage(input, "go") ? [send("one"), save("after")] : []));
    const { host, did, message, sent } = await createToyHost(agent);
    await host.start();
    await host.block(block(1), true);
    await message("go");
    expect(did.slice(-2)).toEqual(["send one", "save after"]);
    sent[0]?.settle(new CodedError("no", { code: "PUBLISH_EXPIRED" }));
    await settle();
    expect(did.at(-1)).toBe("record undelivered");
  });

  test("reports transactions and computations as done or failed, with the code", async () => {
    const agent = scripted((input) => (input.type === "message" ? [join, evaluate] : []));
    const inputs: AgentInput[] = [];
    const toy = await createToyHost({
      ...agent,
      step(state, input) {
        inputs.push(input);
        return agent.step(state, input);
      },
    });
    await toy.host.start();
    await toy.host.block(block(1), true);
    for (const kind of ["first", "second"]) await toy.message(kind);
    await settle();
    toy.transactions[0]?.resolve();
    toy.transactions[1]?.reject(new CodedError("late", { code: "TOO_LATE" }));
    // One computation at a time.
    expect(toy.computations).toHaveLength(1);
    toy.computations[0]?.reject(new CodedError("no", { code: "NO_DATA" }));
    await settle();
    toy.computations[1]?.resolve({ kind: "decrypted", values: new Int32Array(1) });
    await settle();
    const answers = inputs.filter(({ type }) => type === "done" || type === "failed");
    expect(answers).toEqual([
      {
        type: "done",
        nowMs: 1_000,
        effect: "1/join",
        result: { kind: "transacted", hash: "0x", blockNumber: 5 },
      },
      { type: "failed", nowMs: 1_000, effect: "1/join", code: "TOO_LATE", message: "late" },
      { type: "failed", nowMs: 1_000, effect: "1/keys", code: "NO_DATA", message: "no" },
      {
        type: "done",
        nowMs: 1_000,
        effect: "1/keys",
        result: { kind: "decrypted", values: new Int32Array(1) },
      },
    ]);
  });

  test("keeps one timer a name, and none after it was cancelled or the host has stopped", async () => {
    const fired: string[] = [];
    const agent = scripted((input) => {
      if (input.type === "timeout") fired.push(`${input.timer} ${input.nowMs}`);
      if (input.type !== "start") return [];
      const at = (timer: string, delayMs: number): AgentOutput => ({ type: "schedule", timer, delayMs });
      return [
        at("a", 10),
        at("b", 20),
        at("a", 30),
        at("c", 5),
        { type: "cancel", timer: "c" },
        at("d", 500),
      ];
    });
    const { host, clock } = await createToyHost(agent);
    await host.start();
    clock.runUntil(1_100);
    await settle();
    expect(fired.map((each) => each.split(" ")[0])).toEqual(["b", "a"]);
    const stopping = host.stop();
    await settle();
    clock.runUntil(9_000);
    await stopping;
    await settle();
    expect(fired).toHaveLength(2);
  });

  test("a stop ends the training under way, finishes the input under way and closes the mailbox", async () => {
    const agent = scripted((input) => (isMessage(input, "go") ? [evaluate, evaluate, save("last")] : []));
    const toy = await createToyHost(agent);
    await toy.host.start();
    await toy.host.block(block(1), true);
    const message = toy.message("go");
    await settle();
    const stopping = toy.host.stop();
    expect(toy.computations[0]?.signal.aborted).toBe(true);
    toy.computations[0]?.reject(new CodedError("aborted", { code: "ABORTED" }));
    await settle();
    toy.clock.runUntil(9_000);
    await Promise.all([message, stopping]);
    expect(toy.did.filter((each) => each.startsWith("save") || each === "close")).toEqual([
      "save last",
      "close",
    ]);
    expect(toy.computations).toHaveLength(1);
  });

  test("a step that throws ends the host with the error, once", async () => {
    const agent = scripted((input) => {
      if (input.type === "message") throw new CodedError("defect", { code: "INVARIANT" });
      return [];
    });
    const { host, message, fatal } = await createToyHost(agent);
    await host.start();
    await host.block(block(1), true);
    await expect(message("a")).rejects.toThrow("defect");
    await expect(message("b")).rejects.toMatchObject({ code: "STOPPED" });
    await settle();
    expect(fatal).toMatchObject([{ code: "INVARIANT" }]);
  });

  test("begins with all that was saved, save what is bulk, which can be read back", async () => {
    const counting = scripted((input) =>
      input.type === "message"
        ? [save("count", input.message.kind), save("bulk/x", "big"), save("a/../b", "odd")]
        : [],
    );
    const first = await createToyHost(counting);
    await first.host.start();
    await first.host.block(block(1), true);
    for (const kind of ["1", "2", "3"]) await first.message(kind);
    const inputs: AgentInput[] = [];
    const again = await createToyHost(
      scripted((input) => {
        inputs.push(input);
        return input.type === "start"
          ? [{ type: "compute", id: "l", work: { kind: "load", key: "bulk/x" } }]
          : [];
      }),
      first.folder,
    );
    await again.host.start();
    await settle();
    const [start, loaded] = inputs;
    expect(start?.type === "start" && start.saved).toEqual(
      new Map([
        ["count", utf8("3")],
        ["a/../b", utf8("odd")],
      ]),
    );
    expect(loaded).toMatchObject({
      type: "done",
      effect: "l",
      result: { kind: "loaded", value: utf8("big") },
    });
  });

  test("of random outputs: the disk is never behind what has left", async () => {
    const random = createRandom("host");
    let count = 0;
    const agent = scripted((input) => {
      if (input.type !== "message") return [];
      return Array.from({ length: random.int(8) }, () => {
        count += 1;
        return random.chance(0.5) ? save("counter", String(count)) : send(`m${count}`);
      });
    });
    const { host, did, message } = await createToyHost(agent);
    await host.start();
    await host.block(block(1), true);
    const messages = Array.from({ length: 50 }, () => message("go"));
    await Promise.all(messages);
    const outputs = did.filter((each) => each.startsWith("send") || each.startsWith("save"));
    expect(outputs).toHaveLength(count);
    const numbers = outputs.map((each, index) =>
      each.startsWith("send") ? each === `send m${index + 1}` : true,
    );
    expect(numbers.every(Boolean)).toBe(true);
  });
});
