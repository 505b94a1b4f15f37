// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BitCounters} from "./market/BitCounters.sol";
import {LargestRemainder} from "./market/LargestRemainder.sol";

/// The libraries of the market, to be called.
contract Arithmetic {
    using BitCounters for uint256[];

    uint256[] private digits;

    function split(uint256 amount, uint256[] memory weights) external pure returns (uint256[] memory) {
        return LargestRemainder.split(amount, weights);
    }

    function add(uint256 bits) external {
        digits.add(bits);
    }

    function counters(uint256 count) external view returns (uint256[] memory) {
        return digits.read(count);
    }

    function size(uint256 bits) external pure returns (uint256) {
        return BitCounters.size(bits);
    }

    function firstBits(uint256 count) external pure returns (uint256) {
        return BitCounters.firstBits(count);
    }
}
