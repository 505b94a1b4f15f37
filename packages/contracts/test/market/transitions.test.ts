import { describe, expect, it } from "vitest";
import { applyToModel, type Call } from "./model.ts";
import {
  analyst,
  arbiter,
  calls,
  consumer,
  createStory,
  hash,
  joiner,
  otherConsumer,
  outsider,
  owner,
  type Story,
  stranger,
  successor,
  terms,
  twoRounds,
  untilTraining,
} from "./story.ts";
import { lower } from "./world.ts";

// The whole state machine: every call, by everybody, in every state, in time and late. `snapshots/transitions.txt`
// is the table; each cell is also what the model says.

const callers = { consumer, analyst, successor, arbiter, owner, joiner, stranger, otherConsumer, outsider };

/** By state: how it is reached. After it, seconds later, the table is made again. */
const situations: Record<string, { readonly story: readonly Call[]; readonly later: readonly bigint[] }> = {
  None: { story: [], later: [] },
  Open: { story: [calls.request(), calls.offer()], later: [101n] },
  Recruiting: { story: untilTraining.slice(0, -2), later: [201n] },
  "Training, round 1": { story: untilTraining, later: [] },
  "Training, round 3 open": { story: [...untilTraining, ...twoRounds, calls.open(3)], later: [301n, 701n] },
  Delivered: { story: [...untilTraining, ...twoRounds, calls.deliver()], later: [501n] },
  Disputed: {
    story: [...untilTraining, ...twoRounds, calls.deliver(), calls.dispute(1)],
    later: [501n],
  },
  Settled: { story: [...untilTraining, ...twoRounds, calls.deliver(), calls.accept()], later: [] },
  Refunded: { story: [calls.request(), calls.cancel()], later: [] },
};

function attempts(from: string): readonly Call[] {
  return [
    calls.offer(from, 5n),
    calls.award(analyst, from),
    calls.cancel(from),
    calls.invite([stranger], from),
    calls.join(from),
    calls.decline(from),
    calls.select([...untilTraining].at(-1)?.args[1] as string[], from),
    calls.open(1, 0b1111n, from),
    calls.open(3, 0b1111n, from),
    calls.close(3, 0b1111n, from),
    calls.takeOver(from),
    calls.abandon(from),
    calls.leave(from),
    calls.deliver([0n, 0n, 0n, 0n], hash(3), from),
    calls.accept(from),
    calls.dispute(2, from),
    calls.vote(true, from),
    calls.settle(from),
    calls.expire(from),
    calls.withdraw(from),
    calls.rate(analyst, from),
    calls.rate(owner, from),
  ];
}

const written: string[] = [];

async function table(title: string, story: Story): Promise<void> {
  const lines: { readonly call: string; readonly cells: string[] }[] = [];
  for (const from of Object.values(callers)) {
    for (const [i, call] of attempts(from).entries()) {
      const expected = applyToModel(structuredClone(story.model), call);
      const { error } = await story.world.chain.tentatively(() => story.world.send(call));
      expect(error && lower(error), `${title}: ${call.name} by ${from}`).toBe(expected && lower(expected));
      lines[i] ??= { call: call.name, cells: [] };
      lines[i].cells.push(error === undefined ? "ok" : error.slice(0, error.indexOf("(")));
    }
  }
  write(title, lines);
}

/** Calls with which everybody fares alike share a line. */
function write(
  title: string,
  lines: readonly { readonly call: string; readonly cells: readonly string[] }[],
): void {
  const row = (cells: readonly string[]): string =>
    cells
      .map((cell) => cell.padEnd(14))
      .join(" ")
      .trimEnd();
  const alike = lines.filter(({ cells }) => new Set(cells).size === 1);
  const results = new Set(alike.map(({ cells }) => cells[0] as string));
  const summaries = [...results].map((result) => {
    const names = alike.filter(({ cells }) => cells[0] === result).map(({ call }) => call);
    return `everybody ${result}: ${[...new Set(names)].join(", ")}`;
  });
  const rest = lines.filter((line) => !alike.includes(line)).map(({ call, cells }) => row([call, ...cells]));
  written.push(
    `# ${title}`,
    ...summaries,
    ...(rest.length > 0 ? [row(["", ...Object.keys(callers)]), ...rest] : []),
    "",
  );
}

describe("the table of transitions [MARKET.1] [MARKET.2] [LICENCE.5]", () => {
  it.each(Object.entries(situations))(
    "%s",
    async (title, { story: script, later }) => {
      const story = await createStory();
      await story.play(...script);
      await table(title, story);
      const start = story.model.now;
      for (const seconds of later) {
        story.setTime(start + seconds);
        await table(`${title}, ${seconds} s later`, story);
      }
    },
    60_000,
  );

  it("Stopped", async () => {
    const story = await createStory();
    await story.play(...untilTraining, ...twoRounds);
    story.setTime(story.model.now + terms.roundSeconds + terms.resumeSeconds + 1n);
    await story.play(calls.expire());
    await table("Stopped", story);
    story.setTime(story.model.now + terms.disputeSeconds + 1n);
    await table("Stopped, 501 s later", story);
  });

  it("is the one that is written down", async () => {
    await expect(`${written.join("\n")}`).toMatchFileSnapshot("snapshots/transitions.txt");
  });
});
