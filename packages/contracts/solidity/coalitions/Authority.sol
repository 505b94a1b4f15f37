// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Who registers miners and workers. The first authority stands in the genesis.
abstract contract Authority {
    event AuthorityOffered(address indexed candidate);
    event AuthorityChanged(address indexed previous, address indexed current);

    error NotAuthority();

    address public authority;
    /// To whom the authority was offered; zero if to nobody.
    address public candidate;

    modifier onlyAuthority() {
        if (msg.sender != authority) revert NotAuthority();
        _;
    }

    /// [COALITION.1] Nothing changes before the candidate accepts; the zero address takes an offer back.
    function offerAuthority(address to) external onlyAuthority {
        candidate = to;
        emit AuthorityOffered(to);
    }

    /// [COALITION.1]
    function acceptAuthority() external {
        if (msg.sender != candidate) revert NotAuthority();
        emit AuthorityChanged(authority, msg.sender);
        authority = msg.sender;
        candidate = address(0);
    }
}
