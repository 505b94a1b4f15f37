// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// The cost of ordering alone. It leaves no state: count the calls by the nonces of their senders.
contract DoNothing {
    function doNothing() external {}
}
