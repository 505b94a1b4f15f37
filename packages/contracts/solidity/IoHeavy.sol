// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Work for the state store: slots read and written, as in BLOCKBENCH's IOHeavy.
/// Each slot counts its updates, so the final state does not depend on the order of calls.
contract IoHeavy {
    mapping(uint256 key => uint256 updates) private slots;

    /// Reads and writes the slots of keys `first` to `first + count - 1`.
    function update(uint256 first, uint256 count) external {
        uint256 end = first + count;
        for (uint256 key = first; key < end; ++key) ++slots[key];
    }

    /// Reads the same slots and returns their sum. A view, but it can be sent as a transaction to load reads alone.
    function scan(uint256 first, uint256 count) external view returns (uint256 sum) {
        uint256 end = first + count;
        for (uint256 key = first; key < end; ++key) sum += slots[key];
    }

    /// The value of each of the same slots.
    function valuesOf(uint256 first, uint256 count) external view returns (uint256[] memory values) {
        values = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) values[i] = slots[first + i];
    }
}
