// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// [PAYMENT.2] Shares an amount by weights so that the parts sum to it exactly.
library LargestRemainder {
    /// `amount` below 2^96; at most 256 `weights`, each below 2^64, not all zero. Each part is the amount's share rounded
    /// down; what is left goes, one unit each, to the largest remainders, and among equal ones to the lowest indices.
    function split(uint256 amount, uint256[] memory weights) internal pure returns (uint256[] memory parts) {
        unchecked {
            uint256 count = weights.length;
            uint256 sum;
            for (uint256 i = 0; i < count; ++i) sum += weights[i];
            parts = new uint256[](count);
            uint256[] memory ranks = new uint256[](count);
            uint256 left = amount;
            for (uint256 i = 0; i < count; ++i) {
                uint256 share = amount * weights[i];
                parts[i] = share / sum;
                left -= parts[i];
                ranks[i] = ((share % sum) << 8) | (255 - i); // all differ
            }
            if (left == 0) return parts;
            uint256 bar = _rankOf(left, ranks, sum << 8);
            for (uint256 i = 0; i < count; ++i) if (ranks[i] >= bar) ++parts[i];
        }
    }

    /// The number that exactly `wanted` of the `ranks` reach, all of which are below `top`: by bisection, so that the
    /// cost does not depend on their order.
    function _rankOf(uint256 wanted, uint256[] memory ranks, uint256 top) private pure returns (uint256 low) {
        unchecked {
            while (top - low > 1) {
                uint256 middle = (low + top) / 2;
                uint256 reached = 0;
                for (uint256 i = 0; i < ranks.length; ++i) if (ranks[i] >= middle) ++reached;
                if (reached == wanted) return middle;
                if (reached > wanted) low = middle;
                else top = middle;
            }
        }
    }
}
