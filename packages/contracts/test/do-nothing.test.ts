import { expect, it } from "vitest";
import { doNothingContract } from "../src/index.ts";
import { account, deploy } from "./evm.ts";

it("does nothing, and only when asked by name", async () => {
  const { send, sendData } = await deploy(doNothingContract);
  const { error, events } = await send(account(1), "doNothing");
  expect([error, events]).toEqual([undefined, []]);
  expect((await sendData(account(1), "0x")).error).toBe("revert");
  expect((await sendData(account(1), "0x12345678")).error).toBe("revert");
});
