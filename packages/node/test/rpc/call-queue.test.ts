import { createVirtualClock } from "@sheaf/base";
import { expect, test } from "vitest";
import { createCallQueue } from "../../src/rpc/call-queue.ts";

/** Lets everything run that waits for promises only. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test("few run at once, in the order asked, and too many are refused [RPC.6]", async () => {
  const queue = createCallQueue(createVirtualClock());
  const started: number[] = [];
  const finish: (() => void)[] = [];
  const calls = Array.from({ length: 270 }, (_, index) =>
    queue
      .run(async () => {
        started.push(index);
        await new Promise<void>((resolve) => finish.push(resolve));
        return index;
      })
      .catch((error: Error) => error.message),
  );
  await settle();
  expect(started).toEqual([0, 1, 2, 3]);
  finish[1]?.();
  await settle();
  expect(started).toEqual([0, 1, 2, 3, 4]);
  while (finish.length < 260) {
    for (const each of finish) each();
    await settle();
  }
  for (const each of finish) each();
  const answers = await Promise.all(calls);
  expect(answers.slice(0, 260)).toEqual(Array.from({ length: 260 }, (_, index) => index));
  expect(answers.slice(260)).toEqual(new Array(10).fill("too many calls wait"));
});

test("a call that takes too long is given up, and its place freed when it ends [RPC.6]", async () => {
  const clock = createVirtualClock();
  const queue = createCallQueue(clock);
  const finish: (() => void)[] = [];
  const endless = Array.from({ length: 4 }, () =>
    queue
      .run(() => new Promise<void>((resolve) => finish.push(resolve)))
      .catch((error: Error) => error.message),
  );
  let ran = false;
  const late = queue
    .run(async () => {
      ran = true;
    })
    .catch((error: Error) => error.message);
  await settle();
  clock.runUntil(5_001);
  expect(await Promise.all([...endless, late])).toEqual(
    new Array(5).fill("execution aborted (timeout = 5s)"),
  );
  for (const each of finish) each();
  await settle();
  expect(ran).toBe(false);
  expect(await queue.run(async () => "free again")).toBe("free again");
});
