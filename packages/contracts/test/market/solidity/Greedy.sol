// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Market} from "./market/Market.sol";
import {Terms} from "./market/MarketTypes.sol";

/// A consumer that withdraws again while it is paid.
contract Greedy {
    Market private market;
    uint256 public refusals;

    constructor(Market to) {
        market = to;
    }

    function askAndCancel(Terms calldata terms) external payable {
        market.cancel(market.request{value: msg.value}("{}", terms));
    }

    function take() external {
        market.withdraw();
    }

    receive() external payable {
        try market.withdraw() {} catch {
            ++refusals;
        }
    }
}
