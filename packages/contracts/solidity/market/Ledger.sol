// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CreditKind} from "./MarketTypes.sol";

/// [PAYMENT.1] The money of the market: what is locked for jobs under way, and what is credited to accounts.
abstract contract Ledger {
    event Credited(uint256 indexed job, address indexed account, uint256 amount, CreditKind kind);
    event Withdrawn(address indexed account, uint256 amount);

    error NothingToWithdraw();
    error PaymentFailed();

    /// Prices and bonds of jobs under way, in wei.
    uint256 internal locked;
    /// Sum of all credits, in wei.
    uint256 internal credited;
    /// What an account may withdraw, in wei.
    mapping(address account => uint256) public credit;

    /// [PAYMENT.9] Pays the caller all of its credit, with the gas that is left: the account is empty before.
    function withdraw() external {
        uint256 amount = credit[msg.sender];
        if (amount == 0) revert NothingToWithdraw();
        credit[msg.sender] = 0;
        credited -= amount;
        emit Withdrawn(msg.sender, amount);
        (bool paid,) = msg.sender.call{value: amount}("");
        if (!paid) revert PaymentFailed();
    }

    /// Moves locked money to an account. Nothing to credit leaves no trace.
    function _credit(uint256 id, address account, uint256 amount, CreditKind kind) internal {
        if (amount == 0) return;
        locked -= amount;
        credited += amount;
        credit[account] += amount;
        emit Credited(id, account, amount, kind);
    }
}
