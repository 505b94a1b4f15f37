// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// [CHALLENGE.3] Merkle trees over samples, of the shape of RFC 9162 (section 2.1), with keccak256: a leaf is hashed behind
/// a byte 0 and its index, a node behind a byte 1. Without the index, the last leaf of a tree of six would be the last one
/// of a tree of seven, too.
library SampleTree {
    function leafHash(uint256 index, bytes calldata leaf) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(hex"00", index, leaf));
    }

    /// Whether the leaf of this hash is at `index` of the tree of `size` leaves with this root (section 2.1.3.2).
    function holds(bytes32 root, uint256 size, uint256 index, bytes32 leaf, bytes32[] calldata proof)
        internal
        pure
        returns (bool)
    {
        unchecked {
            uint256 last = size - 1; // of the level, as `index`
            bytes32 hash = leaf;
            for (uint256 i = 0; i < proof.length; ++i) {
                if (last == 0) return false;
                if (index & 1 == 1 || index == last) {
                    hash = keccak256(abi.encodePacked(hex"01", proof[i], hash));
                    while (index & 1 == 0 && index != 0) (index, last) = (index >> 1, last >> 1);
                } else {
                    hash = keccak256(abi.encodePacked(hex"01", hash, proof[i]));
                }
                (index, last) = (index >> 1, last >> 1);
            }
            return last == 0 && hash == root;
        }
    }
}
