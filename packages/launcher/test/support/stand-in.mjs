// Temporary: behaves like a validator as far as the launcher can see.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import net from "node:net";
import { dirname, resolve } from "node:path";

const file = process.argv[2];
const config = JSON.parse(readFileSync(file, "utf8"));
const genesis = JSON.parse(readFileSync(resolve(dirname(file), config.genesis), "utf8"));
const peers = new Map();
process.on("uncaughtException", (error) => {
  process.stderr.write(`${JSON.stringify({ level: 60, msg: "fatal", err: { message: error.message } })}\n`);
  process.exit(2);
});
const p2p = net.createServer((s) => s.on("error", () => {}));
p2p.listen(config.p2p.port, "127.0.0.1");
for (const [address, { host, port }] of Object.entries(config.p2p.peers)) {
  const dial = () => {
    const s = net.connect(port, host, () => peers.set(address, s));
    s.on("error", () => {});
    s.on("close", () => {
      peers.delete(address);
      setTimeout(dial, 100);
    });
  };
  dial();
}
const http = createServer((req, res) => {
  let body = "";
  req.on("data", (c) => (body += c));
  req.on("end", () => {
    const height = Math.floor((Date.now() - genesis.timestampMs) / genesis.consensus.emptyBlockPeriodMs);
    const result = {
      network: genesis.name,
      chainId: genesis.chainId,
      height,
      hash: `0x${height}`,
      peers: peers.size,
      validators: genesis.validators.length,
    };
    res.setHeader("content-type", "application/json");
    res.end(JSON.stringify({ jsonrpc: "2.0", id: JSON.parse(body).id, result }));
  });
});
http.listen(config.rpc.port, "127.0.0.1", () => {
  process.stdout.write(
    `${JSON.stringify({ event: "ready", rpcPort: config.rpc.port, p2pPort: config.p2p.port, pid: process.pid })}\n`,
  );
});
if (config.exitWithParent) {
  process.stdin.resume();
  process.stdin.on("end", () => process.exit(0));
  process.stdin.on("close", () => process.exit(0));
}
process.on("SIGTERM", () => process.exit(0));
