// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// 256 counters, stored by binary digit: bit i of word k is digit k of counter i. To count a whole bitmap costs about as
/// much as to count once, and the counters are as wide as they need to be.
library BitCounters {
    /// Adds one to each counter whose bit is set.
    function add(uint256[] storage digits, uint256 bits) internal {
        for (uint256 k = 0; bits != 0; ++k) {
            if (k == digits.length) {
                digits.push(bits);
                return;
            }
            uint256 digit = digits[k];
            digits[k] = digit ^ bits;
            bits &= digit;
        }
    }

    /// The first `count` counters.
    function read(uint256[] storage digits, uint256 count) internal view returns (uint256[] memory values) {
        values = new uint256[](count);
        for (uint256 k = 0; k < digits.length; ++k) {
            uint256 digit = digits[k];
            for (uint256 i = 0; i < count; ++i) values[i] |= ((digit >> i) & 1) << k;
        }
    }

    /// How many bits are set.
    function size(uint256 bits) internal pure returns (uint256 count) {
        for (; bits != 0; bits &= bits - 1) ++count;
    }

    /// The first `count` bits set.
    function firstBits(uint256 count) internal pure returns (uint256) {
        return count >= 256 ? type(uint256).max : (uint256(1) << count) - 1;
    }
}
