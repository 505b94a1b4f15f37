// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20, IERC20Errors} from "./IERC20.sol";

/// A lean ERC-20. The deployer owns it and mints; nobody burns, so the supply is what was minted.
contract Token is IERC20, IERC20Errors {
    error OwnableUnauthorizedAccount(address account);

    string public constant name = "Sheaf Token";
    string public constant symbol = "SHEAF";
    uint8 public constant decimals = 18;

    // Storage, not immutable: the deployed code is then the same for every deployment.
    address public owner;
    uint256 public totalSupply;
    mapping(address account => uint256) public balanceOf;
    mapping(address account => mapping(address spender => uint256)) public allowance;

    constructor() {
        owner = msg.sender;
    }

    function transfer(address to, uint256 value) external returns (bool) {
        _move(msg.sender, to, value);
        return true;
    }

    function approve(address spender, uint256 value) external returns (bool) {
        if (spender == address(0)) revert ERC20InvalidSpender(spender);
        allowance[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
        return true;
    }

    /// The greatest allowance is unlimited and never goes down.
    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        uint256 allowed = allowance[from][msg.sender];
        if (allowed != type(uint256).max) {
            if (allowed < value) revert ERC20InsufficientAllowance(msg.sender, allowed, value);
            unchecked {
                allowance[from][msg.sender] = allowed - value;
            }
        }
        if (from == address(0)) revert ERC20InvalidSender(from);
        _move(from, to, value);
        return true;
    }

    /// Set-up of a workload: `each` new units to every account (once per mention). Owner only.
    function mintMany(address[] calldata accounts, uint256 each) external {
        if (msg.sender != owner) revert OwnableUnauthorizedAccount(msg.sender);
        totalSupply += each * accounts.length;
        for (uint256 i = 0; i < accounts.length; ++i) {
            address account = accounts[i];
            if (account == address(0)) revert ERC20InvalidReceiver(account);
            unchecked {
                balanceOf[account] += each; // at most the supply, which was checked
            }
            emit Transfer(address(0), account, each);
        }
    }

    /// Balances in the order of `accounts`.
    function balancesOf(address[] calldata accounts) external view returns (uint256[] memory balances) {
        balances = new uint256[](accounts.length);
        for (uint256 i = 0; i < accounts.length; ++i) balances[i] = balanceOf[accounts[i]];
    }

    function _move(address from, address to, uint256 value) private {
        if (to == address(0)) revert ERC20InvalidReceiver(to);
        uint256 balance = balanceOf[from];
        if (balance < value) revert ERC20InsufficientBalance(from, balance, value);
        unchecked {
            balanceOf[from] = balance - value;
            balanceOf[to] += value; // at most the supply
        }
        emit Transfer(from, to, value);
    }
}
