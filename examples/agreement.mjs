// Four validators agree on a value in one process: the step function of `@sheaf/consensus`, with signatures
// from `@sheaf/protocol` and messages handed over by a queue. A real host does the same with sockets, timers and a disk.
import { bytesToHex, utf8 } from "@sheaf/base";
import { createQbft, verifyCommitCertificate } from "@sheaf/consensus";
import {
  keccak256,
  parseSignature,
  privateKeyToAddress,
  recoverAddress,
  secp256k1,
  signatureToBytes,
} from "@sheaf/protocol";

const chain = keccak256(utf8("an example chain"));
const timeouts = { baseMs: 1000, factor: 2, capMs: 10_000 };
const recover = (digest, bytes) => {
  const signature = parseSignature(bytes);
  return signature === undefined ? undefined : recoverAddress(digest, signature);
};

const keys = [1, 2, 3, 4].map((n) => keccak256(utf8(`example key ${n}`)));
const validators = keys.map((key) => ({ address: privateKeyToAddress(key), weight: 1 }));
const payload = utf8("temperature 21.5");
const value = { digest: bytesToHex(keccak256(payload)), payload };

const nodes = keys.map((key, index) => {
  const ports = { hash: keccak256, sign: (digest) => signatureToBytes(secp256k1.sign(digest, key)), recover };
  const qbft = createQbft({ address: validators[index].address, chain, timeouts }, ports);
  return { qbft, address: validators[index].address, state: qbft.initial(undefined), commit: undefined };
});

const queue = nodes.map((node) => [node, { type: "start", height: 1, validators }]);
for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
  const [node, input] = next;
  const step = node.qbft.step(node.state, input);
  node.state = step.state;
  for (const output of step.outputs) {
    if (output.type === "request-value") queue.push([node, { ...output, type: "built", value }]);
    if (output.type === "validate") {
      const valid = output.value.digest === bytesToHex(keccak256(output.value.payload));
      queue.push([node, { type: "validated", id: output.id, valid }]);
    }
    if (output.type === "broadcast") {
      for (const peer of nodes) {
        if (peer !== node)
          queue.push([peer, { type: "message", message: output.message, from: node.address }]);
      }
    }
    if (output.type === "commit") node.commit = output;
  }
}

for (const { address, commit } of nodes) {
  console.log(
    `${address} decided ${commit.value.digest.slice(0, 10)} in round ${commit.round}, ${commit.seals.length} seals`,
  );
}
if (nodes.some(({ commit }) => commit?.value.digest !== value.digest)) process.exit(1);

// The seals prove the decision to anybody who knows the validators.
const { height, round, seals } = nodes[0].commit;
const certificate = { height, round, digest: value.digest, seals };
const check = verifyCommitCertificate(certificate, validators, chain, { hash: keccak256, recover });
console.log(`certificate valid: ${check.valid}`);
