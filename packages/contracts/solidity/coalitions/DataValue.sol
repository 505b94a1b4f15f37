// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// [SENSE.7] What data is worth to its holders.
library DataValue {
    /// Largest x: just below 1 in units of 2^-40.
    uint256 private constant whole = 2 ** 40 - 1;

    /// floor(2^64 (x / 2^40)^(quarters / 4)) for x = floor(data (2^40 - 1) / total). `data` is at most `total`, which is from 1
    /// to 2^64, and `quarters` is from 1 to 6: nothing overflows, and the value is below 2^64.
    function valueOf(uint256 data, uint256 total, uint256 quarters) internal pure returns (uint256) {
        unchecked {
            uint256 x = data * whole / total;
            uint256 power = 1;
            for (uint256 i = 0; i < quarters; ++i) power *= x;
            return root(root(power << (256 - 40 * quarters)));
        }
    }

    /// The square root, rounded down. By Newton's iteration from above, which falls until it is there.
    function root(uint256 n) internal pure returns (uint256 guess) {
        unchecked {
            if (n < 2) return n;
            uint256 shifted = n;
            uint256 bits = 0;
            for (uint256 step = 128; step > 0; step >>= 1) {
                if (shifted >> step == 0) continue;
                shifted >>= step;
                bits += step;
            }
            guess = uint256(1) << (bits / 2 + 1);
            for (uint256 next = (guess + n / guess) / 2; next < guess; next = (guess + n / guess) / 2) guess = next;
        }
    }
}
