import type { Result } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";
import { licencesContract } from "../../src/index.ts";
import { account, type Deployed, deploy, zeroAddress } from "../evm.ts";
import { lower } from "./world.ts";

const authority = account(0);
const [ada, ben, cleo] = [account(1), account(2), account(3)];
const note = `0x${"ab".repeat(32)}`;
let licences: Deployed;

beforeEach(async () => {
  licences = await deploy(licencesContract, account(9), [authority]);
});

const issue = (subject: string, role: number, from = authority) =>
  licences.send(from, "issue", subject, role, note);
const revoke = (subject: string, role: number, from = authority) =>
  licences.send(from, "revoke", subject, role);
const holders = async (role: number, offset = 0, limit = 100) =>
  (await licences.read<Result>("holders", role, offset, limit)).toArray().map(lower);

describe("licences", () => {
  it("are issued by the authority, by role, with rising numbers [LICENCE.1]", async () => {
    const { events } = await issue(ada, 1);
    expect(events.map(({ name, args }) => [name, lower(args[0]), args[1], args[2]])).toEqual([
      ["Issued", ada, 1n, note],
    ]);
    await issue(ada, 3);
    await issue(ben, 1);
    expect(await licences.read("serialOf", ada, 1)).toBe(1n);
    expect(await licences.read("serialOf", ben, 1)).toBe(3n);
    expect(await licences.read("lastSerial")).toBe(3n);
    expect(await licences.read("isLicensed", ada, 2)).toBe(false);
    expect(await licences.read("isLicensed", ada, 3)).toBe(true);
    expect(await licences.read("countLicensed", [ada, ben, cleo, ben], 1)).toBe(3n);
    expect(lower((await issue(ada, 1)).error)).toBe(`alreadylicensed(${ada},1)`);
    expect((await issue(ada, 0)).error).toBe("NoSuchRole(0)");
    expect((await issue(ada, 4)).error).toBe("NoSuchRole(4)");
    expect((await issue(zeroAddress, 1)).error).toBe("ZeroAddress()");
    expect((await issue(cleo, 1, ada)).error).toBe("NotAuthority()");
  });

  it("end when they are revoked, and come again under a new number [LICENCE.2]", async () => {
    for (const each of [ada, ben, cleo]) await issue(each, 2);
    expect((await revoke(ada, 2, ada)).error).toBe("NotAuthority()");
    const { events } = await revoke(ada, 2);
    expect(events.map(({ name }) => name)).toEqual(["Revoked"]);
    expect(await licences.read("isLicensed", ada, 2)).toBe(false);
    expect(await licences.read("serialOf", ada, 2)).toBe(0n);
    expect(lower((await revoke(ada, 2)).error)).toBe(`notlicensed(${ada},2)`);
    await issue(ada, 2);
    expect(await licences.read("serialOf", ada, 2)).toBe(4n);
    expect((await holders(2)).sort()).toEqual([ada, ben, cleo]);
  });

  it("belong to an authority that can hand its office over [LICENCE.3]", async () => {
    await licences.send(authority, "offerAuthority", ada);
    expect((await issue(ben, 1, ada)).error).toBe("NotAuthority()");
    await licences.send(authority, "offerAuthority", ben);
    expect((await licences.send(ada, "acceptAuthority")).error).toBe("NotAuthority()");
    expect((await licences.send(ada, "offerAuthority", ada)).error).toBe("NotAuthority()");
    const { events } = await licences.send(ben, "acceptAuthority");
    expect(events.map(({ name, args }) => [name, ...args.map(lower)])).toEqual([
      ["AuthorityChanged", authority, ben],
    ]);
    expect((await issue(cleo, 1)).error).toBe("NotAuthority()");
    expect((await issue(cleo, 1, ben)).error).toBeUndefined();
    expect((await licences.send(ben, "acceptAuthority")).error).toBe("NotAuthority()");
    await expect(deploy(licencesContract, account(9), [zeroAddress])).rejects.toBeDefined();
  });

  it("can be listed in pages, whichever are revoked [LICENCE.4]", async () => {
    const many = Array.from({ length: 7 }, (_, i) => account(20 + i));
    for (const each of many) await issue(each, 1);
    for (const gone of [many[0], many[6], many[3]] as string[]) {
      await revoke(gone, 1);
      many.splice(many.indexOf(gone), 1);
      expect((await holders(1)).sort()).toEqual([...many].sort());
      expect(await licences.read("holderCount", 1)).toBe(BigInt(many.length));
    }
    const all = await holders(1);
    expect([...(await holders(1, 0, 3)), ...(await holders(1, 3, 3))]).toEqual(all);
    expect(await holders(1, 4, 9)).toEqual([]);
    expect(await holders(2)).toEqual([]);
  });
});
