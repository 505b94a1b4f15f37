// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// What a contract has done, in one slot: how many results, and the sum of their digests modulo 2^192.
/// A sum does not depend on the order, so the expected tally is known before blocks are made.
struct Tally {
    uint64 count;
    uint192 checksum;
}

using {add} for Tally global;

/// Counts one result; the low 192 bits of its digest go into the checksum.
function add(Tally storage self, bytes32 digest) {
    Tally memory tally = self;
    unchecked {
        tally.count += 1;
        tally.checksum += uint192(uint256(digest));
    }
    self.count = tally.count;
    self.checksum = tally.checksum;
}
