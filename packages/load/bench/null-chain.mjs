// A chain that costs nothing: takes every transaction, makes a block each period with all it has, keeps no state.
// Prints its port. For `send-path.mjs` alone; ends when its standard input closes.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { keccak256 } from "../../protocol/dist/index.js";

const require = createRequire(new URL("../../protocol/package.json", import.meta.url));
const { WebSocketServer } = require("ws");
const periodMs = Number(process.argv[2] ?? 500);
const perBlock = Number(process.argv[3] ?? 2_000);

const hex = (value) => `0x${value.toString(16)}`;
const word = (value) => `0x${value.toString(16).padStart(64, "0")}`;
const blocks = [""];
let pending = [];

const methods = {
  eth_chainId: () => "0x539",
  eth_gasPrice: () => "0x0",
  eth_blockNumber: () => hex(blocks.length - 1),
  eth_getBalance: () => hex(10n ** 24n),
  eth_getTransactionCount: () => "0x0",
  eth_sendRawTransaction([raw]) {
    const hash = Buffer.from(keccak256(Buffer.from(raw.slice(2), "hex"))).toString("hex");
    pending.push(hash);
    return `0x${hash}`;
  },
  sheaf_getBlockOutcomes([number]) {
    const hashes = blocks[Number(number)];
    if (hashes === undefined) return null;
    const count = hashes.length / 64;
    return {
      number: Number(number),
      hash: word(Number(number)),
      parentHash: word(Number(number) - 1),
      timestampMs: Date.now(),
      proposer: `0x${"00".repeat(20)}`,
      round: 0,
      gasUsed: count * 21_000,
      gasLimit: 100_000_000,
      sizeBytes: count * 110,
      transactionHashes: `0x${hashes}`,
      statuses: `0x${"01".repeat(count)}`,
    };
  },
};

const answer = ({ id, method, params }) =>
  methods[method] === undefined
    ? { jsonrpc: "2.0", id, error: { code: -32601, message: `the method ${method} does not exist` } }
    : { jsonrpc: "2.0", id, result: methods[method](params) };

const server = createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const body = JSON.parse(Buffer.concat(chunks).toString());
    const text = JSON.stringify(Array.isArray(body) ? body.map(answer) : answer(body));
    response.writeHead(200, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(text),
    });
    response.end(text);
  });
});

const sockets = new Set();
new WebSocketServer({ server }).on("connection", (socket) => {
  socket.on("message", (data) => {
    const { id } = JSON.parse(data.toString());
    socket.send(JSON.stringify({ jsonrpc: "2.0", id, result: "0x1" }));
    sockets.add(socket);
  });
  socket.on("close", () => sockets.delete(socket));
});

setInterval(() => {
  blocks.push(pending.slice(0, perBlock).join(""));
  pending = pending.slice(perBlock);
  const result = { number: hex(blocks.length - 1), hash: word(blocks.length - 1) };
  const head = { jsonrpc: "2.0", method: "eth_subscription", params: { subscription: "0x1", result } };
  for (const socket of sockets) socket.send(JSON.stringify(head));
}, periodMs);

process.stdin.on("end", () => process.exit(0)).resume();
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
