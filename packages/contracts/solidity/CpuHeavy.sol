// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Tally} from "./Tally.sol";

/// Work for the interpreter: a quicksort in memory, as in BLOCKBENCH's CPUHeavy.
contract CpuHeavy {
    /// All calls of `sort`.
    Tally public total;

    /// Sorts the first `length` numbers of a 64-bit congruential generator (Knuth's MMIX) started at `seed`.
    /// The digest in the tally, also returned, is keccak256 over the sorted numbers, 32 bytes each.
    function sort(uint64 seed, uint256 length) external returns (bytes32 digest) {
        uint256[] memory numbers = new uint256[](length);
        uint64 state = seed;
        for (uint256 i = 0; i < length; ++i) {
            unchecked {
                state = state * 6364136223846793005 + 1442695040888963407;
            }
            numbers[i] = state;
        }
        if (length > 1) _sort(numbers, 0, length - 1);
        digest = keccak256(abi.encodePacked(numbers));
        total.add(digest);
    }

    /// Sorts `numbers[low..high]`; recurs into the shorter part only, so the depth stays below log2(length).
    function _sort(uint256[] memory numbers, uint256 low, uint256 high) private pure {
        while (low < high) {
            uint256 middle = _partition(numbers, low, high);
            if (middle - low < high - middle) {
                _sort(numbers, low, middle);
                low = middle + 1;
            } else {
                _sort(numbers, middle + 1, high);
                high = middle;
            }
        }
    }

    /// Hoare's partition: nothing in [low..middle] is greater than anything in [middle+1..high].
    function _partition(uint256[] memory numbers, uint256 low, uint256 high) private pure returns (uint256) {
        uint256 pivot = numbers[(low + high) / 2];
        while (true) {
            while (numbers[low] < pivot) ++low;
            while (numbers[high] > pivot) --high;
            if (low >= high) break;
            (numbers[low], numbers[high]) = (numbers[high], numbers[low]);
            ++low;
            --high;
        }
        return high;
    }
}
