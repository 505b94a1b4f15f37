// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ledger} from "./market/Ledger.sol";
import {Market} from "./market/Market.sol";
import {Terms} from "./market/MarketTypes.sol";

/// A consumer that takes no money.
contract Stubborn {
    error PaymentFailed();

    Market private market;

    constructor(Market to) {
        market = to;
    }

    function askAndCancel(Terms calldata terms) external payable {
        market.cancel(market.request{value: msg.value}("{}", terms));
    }

    function take() external {
        market.withdraw();
    }
}
