import { Address as LibraryAddress } from "@ethereumjs/util";
import { bytesToHex, hexToBytes } from "@sheaf/base";
import type { Address } from "@sheaf/protocol";

/** An address as `@ethereumjs/evm` wants it, which still knows its hex. */
class EvmAddress extends LibraryAddress {
  readonly hex: Address;

  constructor(hex: Address) {
    super(hexToBytes(hex));
    this.hex = hex;
  }

  override toString(): Address {
    return this.hex;
  }
}

export function evmAddress(hex: Address): LibraryAddress {
  return new EvmAddress(hex);
}

export function hexOfAddress(address: LibraryAddress): Address {
  return address instanceof EvmAddress ? address.hex : bytesToHex(address.bytes);
}
