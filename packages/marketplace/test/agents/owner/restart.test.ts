import { bytesToHex, hexToBytes } from "@sheaf/base";
import { keccak256 } from "@sheaf/protocol";
import { describe, expect, it } from "vitest";
import type { MessageKind } from "../../../src/agents/messages/bodies.ts";
import { decodeBody, encodeBody } from "../../../src/agents/messages/codec.ts";
import { tinySpec } from "../../simulation/orders.ts";
import { aggregationErrors } from "../support/audit.ts";
import { factsOf } from "../support/look.ts";
import { calls, events, type Seat } from "../support/table.ts";
import { startTraining } from "../support/training.ts";

const SPEC = tinySpec("secagg", {
  privacy: { mode: "secagg", secagg: { threshold: 0.6, bits: 16, clip: 2 } },
});
const stages: readonly MessageKind[] = [
  "round.keys",
  "round.shares",
  "round.masked",
  "round.confirm",
  "round.unmask",
];

describe("an owner that dies and comes back", () => {
  it.each(stages)(
    "after %s: it drops out of the round, and is in the next one [OWNER.6] [OWNER.8]",
    async (kind) => {
      const training = await startTraining({ owners: 5, spec: SPEC });
      const { table, owners, analyst } = training;
      const [victim] = owners as [Seat];
      await table.run(() =>
        table.sent.some((message) => message.from === victim.address && message.kind === kind),
      );
      table.restart(victim);
      expect(await table.run(() => calls(analyst, "deliver").length > 0)).toBe(true);
      const rounds = events(analyst, "round");
      expect(rounds.map(({ round }) => round)).toEqual([1, 2]);
      expect(rounds[1]?.survivors).toContain(victim.address);
      expect(events(victim, "rejected").filter(({ message }) => message === "roundClosed")).toEqual([]);
      for (const error of aggregationErrors(training)) expect(error).toBeLessThan(5 * (2 / 32_767) + 1e-5);
    },
  );

  it("finds a damaged record of what it did, and says so [OWNER.6]", async () => {
    const { table, owners, analyst } = await startTraining({ owners: 4, spec: SPEC });
    const [victim] = owners as [Seat];
    await table.run(() => calls(analyst, "closeRound").length > 0);
    victim.saved.set("job/1", new Uint8Array([0x80]));
    expect(() => table.restart(victim)).toThrow(expect.objectContaining({ code: "INVALID_INPUT" }));
  });

  it("gives the committed state to the analyst that took over, and to nobody else [OWNER.8]", async () => {
    const { table, owners, analyst, analysts } = await startTraining({ owners: 4, analysts: 2, spec: SPEC });
    const [victim] = owners as [Seat];
    const next = analysts[1] as Seat;
    await table.run(() => factsOf(victim, table).rounds.length === 1);
    analyst.away = true;
    table.restart(victim);
    await table.run(() => false, 1_000);
    const stateHash = hexToBytes(factsOf(victim, table).rounds[0]?.nextStateHash ?? "0x");
    const ask = (): void =>
      table.give(victim, {
        type: "message",
        nowMs: table.clock.wallMs(),
        message: {
          from: next.address,
          to: victim.address,
          job: 1n,
          kind: "state.request",
          body: encodeBody("state.request", { stateHash }),
        },
      });
    const answers = (): Uint8Array[] =>
      table.sent.flatMap(({ from, to, kind, body }) => {
        const decoded =
          from === victim.address && to === next.address && kind === "state.answer"
            ? decodeBody(kind, body)
            : undefined;
        return decoded !== undefined && "body" in decoded && decoded.kind === "state.answer"
          ? [decoded.body.state]
          : [];
      });
    ask();
    expect(answers()).toEqual([]);
    table.call(next.address, { method: "takeOver", job: 1n });
    await table.run(() => answers().length > 0, 5_000);
    expect(answers().map((state) => bytesToHex(keccak256(state)))).toContain(bytesToHex(stateHash));
  });
});
