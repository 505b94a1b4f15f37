import { createHash } from "node:crypto";
import { Common, Hardfork, Mainnet } from "@ethereumjs/common";
import { CodedError, concatBytes } from "@sheaf/base";
import { type Genesis, keccak256, secp256k1 } from "@sheaf/protocol";

/** The rules of Cancun on this chain [STATE.9], with the hash functions and the curve that are fastest here. */
export function chainRules(genesis: Genesis): Common {
  return new Common({
    chain: { ...Mainnet, name: genesis.name, chainId: genesis.chainId },
    hardfork: Hardfork.Cancun,
    customCrypto: {
      keccak256,
      sha256: (bytes) => new Uint8Array(createHash("sha256").update(bytes).digest()),
      ecrecover: recoverPublicKey,
    },
  });
}

/** The public key (64 bytes) of the ECRECOVER precompile; throws when there is none, as it expects. */
function recoverPublicKey(digest: Uint8Array, v: bigint, r: Uint8Array, s: Uint8Array): Uint8Array {
  const compact = concatBytes(r, s);
  const publicKey = secp256k1.recover(digest, { compact, yParity: v === 27n ? 0 : 1 });
  if (publicKey === undefined) throw new CodedError("no public key", { code: "NO_PUBLIC_KEY" });
  return publicKey.subarray(1);
}
