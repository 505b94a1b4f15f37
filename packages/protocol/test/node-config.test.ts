import { CodedError } from "@sheaf/base";
import { describe, expect, it } from "vitest";
import { linkSchema, parseNodeConfig } from "../src/index.ts";
import { changed } from "./support/genesis.ts";

const PEER = `0x${"2".repeat(40)}`;

function configJson() {
  return {
    schema: "sheaf.node/1",
    genesis: "genesis.json",
    dataDir: "data",
    keyFile: "key",
    tls: { certificateFile: "node.pem", keyFile: "node.key" },
    rpc: { port: 0 },
    p2p: { port: 30_303, peers: { [PEER]: { host: "127.0.0.1", port: 30_304 } } },
  };
}

function refusal(json: unknown): { readonly at: string; readonly message: string } {
  try {
    parseNodeConfig(json, "node.json");
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== "INVALID_INPUT") throw error;
    return { at: (error as CodedError<{ code: string; at: string }>).detail.at, message: error.message };
  }
  return expect.fail("was accepted");
}

describe("a validator's configuration", () => {
  it("is complete once parsed: loopback, limits, links and durability have defaults", () => {
    const config = parseNodeConfig(configJson(), "node.json");
    expect(config.rpc).toEqual({
      host: "127.0.0.1",
      port: 0,
      maxBodyBytes: 5_242_880,
      maxBatch: 1_000,
      maxLogBlocks: 10_000,
      maxLogs: 10_000,
      maxConnections: 1_000,
    });
    expect(config.p2p.host).toBe("127.0.0.1");
    expect(config.p2p.peers[PEER]?.link).toEqual({ delayMs: 0, jitterMs: 0, loss: 0, bandwidthMbps: 0 });
    expect(config.mempool).toEqual({
      maxTransactions: 100_000,
      maxBytes: 67_108_864,
      maxPerSender: 4_096,
      replacementPercent: 10,
    });
    expect([config.durability, config.logLevel, config.exitWithParent]).toEqual(["process", "info", false]);
    expect(parseNodeConfig(config, "again")).toEqual(config);
  });

  it.each<[string, unknown]>([
    ["schema", "sheaf.node/2"],
    ["genesis", undefined],
    ["dataDir", 7],
    ["keyFile", null],
    ["tls", undefined],
    ["tls.certificateFile", undefined],
    ["rpc.port", 65_536],
    ["rpc.port", -1],
    ["rpc.port", "8545"],
    ["rpc.port", 1.5],
    ["rpc.maxBodyBytes", 1_023],
    ["rpc.maxBatch", 0],
    ["rpc.maxLogs", 0],
    ["p2p.port", undefined],
    ["p2p.peers", []],
    [`p2p.peers.${PEER}.host`, undefined],
    [`p2p.peers.${PEER}.port`, 70_000],
    [`p2p.peers.${PEER}.link`, { loss: 1 }],
    ["p2p.peers.validator-2", { host: "127.0.0.1", port: 1 }],
    [`p2p.peers.0x${"AB".repeat(20)}`, { host: "127.0.0.1", port: 1 }],
    ["mempool", { maxBytes: 0 }],
    ["mempool", { maxPerSender: 0 }],
    ["mempool", { replacementPercent: -1 }],
    ["durability", "none"],
    ["logLevel", "verbose"],
    ["exitWithParent", "yes"],
  ])("names %s when it is %j", (path, value) => {
    const { at, message } = refusal(changed(configJson(), path, value));
    expect(at.startsWith(`node.json: ${path}`)).toBe(true);
    expect(message.startsWith(`${at}: `)).toBe(true);
  });

  it.each([
    ["verbose", "verbose"],
    ["rpc.cors", "cors"],
    [`p2p.peers.${PEER}.weight`, "weight"],
    ["tls.ca", "ca"],
  ])("refuses the unknown key %s by its name", (path, key) => {
    expect(refusal(changed(configJson(), path, "1")).message).toContain(`"${key}"`);
  });

  it("names the file alone when the whole is none", () => {
    for (const json of [null, [], "text"]) expect(refusal(json).at).toBe("node.json");
  });
});

describe("an emulated link [LINK.1]", () => {
  it("takes a delay, a jitter, a loss and a rate, each within its range", () => {
    const link = { delayMs: 12.5, jitterMs: 3, loss: 0.01, bandwidthMbps: 100 };
    expect(linkSchema.parse(link)).toEqual(link);
    const bad = [{ delayMs: -1 }, { delayMs: 600_001 }, { jitterMs: -1 }, { loss: 0.91 }, { loss: -0.1 }];
    for (const change of [...bad, { bandwidthMbps: -1 }, { delayMs: Number.NaN }, { rate: 1 }]) {
      expect(linkSchema.safeParse({ ...link, ...change }).success).toBe(false);
    }
  });
});
