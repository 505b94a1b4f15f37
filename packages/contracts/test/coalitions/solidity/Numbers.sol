// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DataValue} from "./coalitions/DataValue.sol";
import {SampleTree} from "./coalitions/SampleTree.sol";

/// The libraries of the coalitions, to be called.
contract Numbers {
    function valueOf(uint256 data, uint256 total, uint256 quarters) external pure returns (uint256) {
        return DataValue.valueOf(data, total, quarters);
    }

    function root(uint256 n) external pure returns (uint256) {
        return DataValue.root(n);
    }

    function holds(bytes32 top, uint256 size, uint256 index, bytes calldata leaf, bytes32[] calldata proof)
        external
        pure
        returns (bool)
    {
        return SampleTree.holds(top, size, index, SampleTree.leafHash(index, leaf), proof);
    }
}
