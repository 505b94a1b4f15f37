// Starts a chain of four validators, sends a payment with ethers, reads the quorum's proof of its block, stops.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createNetwork, parseTopology } from "@sheaf/launcher";
import { createRpcClient, toQuantity } from "@sheaf/protocol";
import { ethers } from "ethers";

const topology = parseTopology(
  `schema: sheaf.network/1
description: four validators, short blocks
chains:
  - name: example
    validators: 4
    protocol: { blockPeriodMs: 300, emptyBlockPeriodMs: 600 }
`,
  "example.yaml",
);
const dir = await mkdtemp(join(tmpdir(), "sheaf-example-"));
const program = fileURLToPath(import.meta.resolve("@sheaf/node/main"));
const network = await createNetwork(topology, { program, dir: join(dir, "network") });
try {
  const [chain] = network.chains;
  const [first, , , last] = chain.endpoints;
  const provider = new ethers.JsonRpcProvider(first.rpcUrl, chain.chainId, { staticNetwork: true });
  const wallet = new ethers.Wallet(chain.deployerKey, provider);
  const recipient = ethers.Wallet.createRandom().address;
  const sent = await wallet.sendTransaction({ to: recipient, value: ethers.parseEther("1.5") });
  const receipt = await sent.wait();

  const client = createRpcClient(last.rpcUrl);
  const certificate = await client.call("sheaf_getCommitCertificate", [toQuantity(receipt.blockNumber)]);
  console.log(
    `block ${receipt.blockNumber}: ${ethers.formatEther(await provider.getBalance(recipient))} received`,
  );
  console.log(`${certificate.seals.length} of 4 validators sealed it, in round ${certificate.round}`);
  client.close();
  provider.destroy();
} finally {
  await network.stop();
  await rm(dir, { recursive: true, force: true });
}
