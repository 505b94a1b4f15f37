import { MaxUint256 } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";
import { tokenContract } from "../src/index.ts";
import { account, type Deployed, deploy, type Outcome, zeroAddress } from "./evm.ts";

const [owner, alice, bob, carol] = [account(0), account(1), account(2), account(3)];
let token: Deployed;

beforeEach(async () => {
  token = await deploy(tokenContract, owner);
  await token.send(owner, "mintMany", [alice, bob], 1000n);
});

function eventsOf({ events }: Outcome) {
  return events.map(({ name, args }) => [name, ...args.map((arg) => String(arg).toLowerCase())]);
}

describe("metadata", () => {
  it("answers as ERC-20 asks", async () => {
    expect(await token.read("name")).toBe("Sheaf Token");
    expect(await token.read("symbol")).toBe("SHEAF");
    expect(await token.read("decimals")).toBe(18n);
    expect((await token.read<string>("owner")).toLowerCase()).toBe(owner);
  });

  it("has the standard selectors", async () => {
    const { error, result } = await token.sendData(alice, `0x70a08231${bob.slice(2).padStart(64, "0")}`);
    expect([error, result[0]]).toEqual([undefined, 1000n]);
    expect((await token.sendData(alice, "0xdeadbeef")).error).toBe("revert");
  });
});

describe("mintMany", () => {
  it("adds to balances and supply, with one event an account", async () => {
    const minted = await token.send(owner, "mintMany", [carol, alice, carol], 5n);
    expect(eventsOf(minted)).toEqual([carol, alice, carol].map((to) => ["Transfer", zeroAddress, to, "5"]));
    expect(await token.read("totalSupply")).toBe(2015n);
    expect(await token.read("balancesOf", [alice, bob, carol, owner])).toEqual([1005n, 1000n, 10n, 0n]);
  });

  it("is the owner's alone", async () => {
    const { error } = await token.send(alice, "mintMany", [alice], 1n);
    expect(error?.toLowerCase()).toBe(`OwnableUnauthorizedAccount(${alice})`.toLowerCase());
  });

  it("does not mint to nobody, nor more than the supply can count", async () => {
    expect((await token.send(owner, "mintMany", [carol, zeroAddress], 1n)).error).toContain(
      "ERC20InvalidReceiver",
    );
    expect((await token.send(owner, "mintMany", [carol], MaxUint256 - 1999n)).error).toBe("Panic(17)");
    expect((await token.send(owner, "mintMany", [carol, carol], MaxUint256)).error).toBe("Panic(17)");
    expect(await token.read("balanceOf", carol)).toBe(0n);
    expect((await token.send(owner, "mintMany", [carol], MaxUint256 - 2000n)).error).toBeUndefined();
    expect(await token.read("totalSupply")).toBe(MaxUint256);
  });
});

describe("transfer", () => {
  it.each([0n, 1n, 1000n])("moves %s, returns true and says so", async (value) => {
    const sent = await token.send(alice, "transfer", bob, value);
    expect(sent.result[0]).toBe(true);
    expect(eventsOf(sent)).toEqual([["Transfer", alice, bob, String(value)]]);
    expect(await token.read("balancesOf", [alice, bob])).toEqual([1000n - value, 1000n + value]);
  });

  it("to oneself changes nothing", async () => {
    expect((await token.send(alice, "transfer", alice, 1000n)).error).toBeUndefined();
    expect(await token.read("balanceOf", alice)).toBe(1000n);
  });

  it("reverts beyond the balance and to nobody", async () => {
    const tooMuch = await token.send(alice, "transfer", bob, 1001n);
    expect(tooMuch.error?.toLowerCase()).toBe(`ERC20InsufficientBalance(${alice},1000,1001)`.toLowerCase());
    expect(tooMuch.events).toEqual([]);
    expect((await token.send(alice, "transfer", zeroAddress, 1n)).error).toBe(
      `ERC20InvalidReceiver(${zeroAddress})`,
    );
    expect(await token.read("balancesOf", [alice, bob])).toEqual([1000n, 1000n]);
  });
});

describe("allowances", () => {
  it("are set, not added, and spent", async () => {
    await token.send(alice, "approve", carol, 50n);
    expect(eventsOf(await token.send(alice, "approve", carol, 30n))).toEqual([
      ["Approval", alice, carol, "30"],
    ]);
    expect(eventsOf(await token.send(carol, "transferFrom", alice, bob, 10n))).toEqual([
      ["Transfer", alice, bob, "10"],
    ]);
    expect(await token.read("allowance", alice, carol)).toBe(20n);
    expect(await token.read("balancesOf", [alice, bob, carol])).toEqual([990n, 1010n, 0n]);
    const tooMuch = await token.send(carol, "transferFrom", alice, bob, 21n);
    expect(tooMuch.error?.toLowerCase()).toBe(`ERC20InsufficientAllowance(${carol},20,21)`.toLowerCase());
  });

  it("stay when unlimited", async () => {
    await token.send(alice, "approve", carol, MaxUint256);
    await token.send(carol, "transferFrom", alice, bob, 1000n);
    expect(await token.read("allowance", alice, carol)).toBe(MaxUint256);
  });

  it("are not spent by a transfer that reverts", async () => {
    await token.send(alice, "approve", carol, 5000n);
    expect((await token.send(carol, "transferFrom", alice, bob, 1001n)).error).toContain(
      "InsufficientBalance",
    );
    expect((await token.send(carol, "transferFrom", alice, zeroAddress, 1n)).error).toContain(
      "InvalidReceiver",
    );
    expect(await token.read("allowance", alice, carol)).toBe(5000n);
  });

  it("need a spender and an owner", async () => {
    expect((await token.send(alice, "approve", zeroAddress, 1n)).error).toContain("ERC20InvalidSpender");
    expect((await token.send(alice, "transferFrom", zeroAddress, bob, 0n)).error).toContain(
      "ERC20InvalidSender",
    );
  });
});
