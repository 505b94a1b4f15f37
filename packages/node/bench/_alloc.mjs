import fs from "node:fs";
import inspector from "node:inspector";
import { createEvmExecutor } from "../dist/execution/evm-executor.js";
import { plainState } from "./plain-state.mjs";
import { genesisOf, transactionsOf } from "./workloads.mjs";

const ZERO = `0x${"0".repeat(64)}`;
const W = process.argv[2] ?? "token";
const genesis = genesisOf();
const { state, apply } = plainState(genesis);
const engine = createEvmExecutor({ state, genesis });
let result = { stateDigest: ZERO, receiptsDigest: ZERO, gasUsed: 0n };
const ctx = (number) => ({
  number,
  timestampMs: number * 1000,
  proposer: `0x${"ee".repeat(20)}`,
  parentHash: ZERO,
  blockHash: () => undefined,
});
const s = new inspector.Session();
s.connect();
const post = (m, p) => new Promise((r, j) => s.post(m, p, (e, v) => (e ? j(e) : r(v))));
const blocks = Array.from({ length: 10 }, (_, b) => transactionsOf(W, 500, b * 500));
for (let b = 0; b < 10; b++) {
  if (b === 4)
    await post("HeapProfiler.startSampling", {
      samplingInterval: 4096,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    });
  const ex = await engine.execute(ctx(b + 1), blocks[b], result);
  apply(ex.changes);
  result = ex.result;
}
const { profile } = await post("HeapProfiler.stopSampling");
const m = new Map();
let t = 0;
(function walk(n) {
  const k =
    n.callFrame.functionName +
    " " +
    n.callFrame.url.split("/").slice(-2).join("/") +
    ":" +
    n.callFrame.lineNumber;
  m.set(k, (m.get(k) || 0) + n.selfSize);
  t += n.selfSize;
  n.children.forEach(walk);
})(profile.head);
console.log("total/tx", t / 3000);
for (const [k, v] of [...m].sort((a, b) => b[1] - a[1]).slice(0, 30))
  console.log((v / 3000).toFixed(0) + " B/tx", k);
