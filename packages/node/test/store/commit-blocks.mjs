// Commits random blocks to the data directory of its first argument until it is killed or the store fails,
// and says what it did, a line of JSON each. Runs the built package, as a validator does.
import { errorCode } from "@sheaf/base";
import { openChainStore } from "../../dist/store/open-chain-store.js";
import { addBlocks, storeGenesis } from "../../dist/store/suite/random-blocks.js";

const [dataDir, durability, seed] = process.argv.slice(2);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

const store = await openChainStore({ dataDir, genesis: storeGenesis(), durability });
try {
  for (;;) {
    const number = store.head.block.header.number + 1;
    store.saveConsensusRecord(Buffer.from(String(number)));
    await addBlocks(store, 1, seed);
    say({ committed: number });
  }
} catch (error) {
  say({ failed: errorCode(error), head: store.head.block.header.number, stateReads: store.state.version });
}
