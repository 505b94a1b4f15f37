import { beforeEach, describe, expect, it } from "vitest";
import { coalitionDomain } from "../../src/index.ts";
import { account, zeroAddress } from "../evm.ts";
import { ada, ben, cleo, createStory, dan, type Story } from "./story.ts";
import { authority, consent, home, type Person, person } from "./world.ts";

let story: Story;
beforeEach(async () => {
  story = await createStory();
});

const coalitionOf = (epoch: number, { address }: Person) =>
  story.coalitions.read<bigint>("coalitionAt", epoch, address);

async function form(members: readonly Person[], nonces: readonly bigint[], epoch = 0n) {
  const addresses = members.map(({ address }) => address);
  const signatures = members.map((each, i) => consent(each, addresses, epoch, nonces[i] as bigint));
  return story.coalitions.send(addresses[0] as string, "form", addresses, signatures);
}

describe("the authority", () => {
  it("hands its office over in two steps [COALITION.1]", async () => {
    await story.does(authority, "offerAuthority", ada.address);
    expect(await story.error(ada, "registerMiners", [account(77)])).toBe("NotAuthority()");
    await story.does(authority, "offerAuthority", ben.address);
    expect(await story.error(ada, "acceptAuthority")).toBe("NotAuthority()");
    expect(await story.error(ada, "offerAuthority", ada.address)).toBe("NotAuthority()");
    await story.does(ben, "acceptAuthority");
    expect(await story.error(authority, "registerMiners", [account(77)])).toBe("NotAuthority()");
    await story.does(ben, "registerMiners", [account(77)]);
    expect(await story.error(ben, "acceptAuthority")).toBe("NotAuthority()");
  });

  it("registers up to 100 miners, each with a seat from the next epoch on [COALITION.2]", async () => {
    expect(await story.error(authority, "registerMiners", [zeroAddress])).toBe("ZeroAddress()");
    for (const known of [ada.address, account(9)]) {
      const twice = [account(9), known];
      expect((await story.error(authority, "registerMiners", twice))?.slice(0, 18)).toBe(
        "AlreadyRegistered(",
      );
    }
    const others = Array.from({ length: 97 }, (_, i) => account(1_000 + i));
    expect(await story.error(authority, "registerMiners", others)).toBe("TooManyMiners()");
    await story.does(authority, "registerMiners", others.slice(1));
    expect(await story.error(authority, "registerMiners", [account(9)])).toBe("TooManyMiners()");
    expect(await story.weights(0)).toEqual([]);
    expect(await story.weights(1)).toHaveLength(100);
    expect(await coalitionOf(0, ada)).toBe(0n);
    expect(await coalitionOf(1, ada)).toBe(1n);
  });

  it("revokes a miner from the next epoch on [COALITION.3]", async () => {
    await story.toEpoch(1);
    await story.does(authority, "revokeMiner", ben.address);
    expect([await coalitionOf(1, ben), await coalitionOf(2, ben)]).toEqual([2n, 0n]);
    expect((await story.error(ben, "contribute", []))?.slice(0, 9)).toBe("NotMiner(");
    expect((await story.error(authority, "revokeMiner", ben.address))?.slice(0, 9)).toBe("NotMiner(");
    await story.toEpoch(2);
    const { result } = await story.does(authority, "partition", 2);
    expect((result[0] as string[]).map((each) => each.toLowerCase())).toEqual(
      [ada, dan, cleo].map(({ address }) => address),
    );
    await story.does(authority, "registerMiners", [ben.address]);
    expect([await coalitionOf(2, ben), await coalitionOf(3, ben)]).toEqual([0n, 5n]);
  });
});

describe("a coalition", () => {
  it("is formed by consent of all, from the next epoch on, once [COALITION.4] [COALITION.6]", async () => {
    expect((await form([ada, ben], [0n, 0n])).error).toBeUndefined();
    expect([await coalitionOf(0, ada), await coalitionOf(1, ada), await coalitionOf(1, ben)]).toEqual([
      0n,
      5n,
      5n,
    ]);
    expect((await form([ada, ben], [0n, 0n])).error?.slice(0, 10)).toBe("NoConsent(");
    await story.does(ben, "leaveCoalition");
    expect((await form([ada, ben], [1n, 1n])).error?.slice(0, 10)).toBe("NoConsent(");
    await story.toEpoch(1);
    expect((await form([ada, ben], [1n, 2n])).error?.slice(0, 10)).toBe("NoConsent(");
    expect((await form([ada, ben], [1n, 2n], 1n)).error).toBeUndefined();
  });

  it("takes its members out of others, which go on [COALITION.4]", async () => {
    await form([ada, ben, cleo], [0n, 0n, 0n]);
    await form([cleo, dan], [1n, 0n]);
    const all = await Promise.all([ada, ben, cleo, dan].map((each) => coalitionOf(1, each)));
    expect(all).toEqual([5n, 5n, 6n, 6n]);
  });

  it("needs signatures for this chain, contract and list, and a member's call [COALITION.4]", async () => {
    const members = [ada, ben].map(({ address }) => address);
    const good = consent(ada, members, 0n, 0n);
    const attempt = (signature: string, from = ada) => story.error(from, "form", members, [good, signature]);
    const elsewhere = [coalitionDomain(2, home), coalitionDomain(1, account(1) as typeof home)];
    for (const domain of elsewhere) {
      expect((await attempt(consent(ben, members, 0n, 0n, domain)))?.slice(0, 10)).toBe("NoConsent(");
    }
    for (const bad of [
      "0x",
      `${good}00`,
      consent(cleo, members, 0n, 0n),
      consent(ben, [...members].reverse(), 0n, 0n),
    ]) {
      expect((await attempt(bad))?.slice(0, 10)).toBe("NoConsent(");
    }
    expect(await attempt(consent(ben, members, 0n, 0n), cleo)).toBe("NotMember()");
    expect(await story.error(ada, "form", [ada.address], [good])).toBe("WrongMemberCount()");
    const twice = [ada.address, ada.address];
    const signatures = [consent(ada, twice, 0n, 0n), consent(ada, twice, 0n, 1n)];
    expect((await story.error(ada, "form", twice, signatures))?.slice(0, 16)).toBe("DuplicateMember(");
    const stranger = person(99);
    expect((await form([ada, stranger], [0n, 0n])).error?.slice(0, 9)).toBe("NotMiner(");
    expect(await attempt(consent(ben, members, 0n, 0n))).toBeUndefined();
  });

  it("goes on without a member that leaves [COALITION.5]", async () => {
    expect(await story.error(ada, "leaveCoalition")).toBe("NotInCoalition()");
    await form([ada, ben, cleo], [0n, 0n, 0n]);
    await story.toEpoch(1);
    await story.does(ada, "leaveCoalition");
    expect(await Promise.all([ada, ben, cleo].map((each) => coalitionOf(1, each)))).toEqual([5n, 5n, 5n]);
    expect(await Promise.all([ada, ben, cleo].map((each) => coalitionOf(2, each)))).toEqual([6n, 5n, 5n]);
    await story.does(ben, "leaveCoalition");
    expect(await story.error(cleo, "leaveCoalition")).toBe("NotInCoalition()");
  });
});
