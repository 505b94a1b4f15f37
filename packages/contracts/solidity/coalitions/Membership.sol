// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CoalitionBase} from "./CoalitionBase.sol";
import {maxMiners, Miner} from "./CoalitionTypes.sol";
import {Signatures} from "./Signatures.sol";

/// Who mines, and with whom. All changes are for the next epoch.
abstract contract Membership is CoalitionBase {
    event MinerRegistered(address indexed miner, uint256 fromEpoch, uint64 coalition);
    event MinerRevoked(address indexed miner, uint256 fromEpoch);
    event Formed(uint64 indexed coalition, uint256 fromEpoch, address[] members);
    event Left(uint64 indexed coalition, address indexed miner, uint256 fromEpoch, uint64 alone);

    error ZeroAddress();
    error AlreadyRegistered(address account);
    error TooManyMiners();
    error WrongMemberCount();
    error DuplicateMember(address member);
    error NoConsent(address member);
    error NotMember();
    error NotInCoalition();

    /// [COALITION.2] The miners have seats from the next epoch on, each alone.
    function registerMiners(address[] calldata accounts) external onlyAuthority {
        uint64 epoch = _begin();
        for (uint256 i = 0; i < accounts.length; ++i) _register(accounts[i], epoch);
    }

    /// [COALITION.3] The miner keeps its seat until the epoch ends. The last miner of the list takes its place there.
    function revokeMiner(address account) external onlyAuthority {
        uint64 epoch = _begin();
        Miner storage miner = miners[_registered(account)];
        uint32 last = listed[listed.length - 1];
        listed[miner.place - 1] = last;
        miners[last].place = miner.place;
        listed.pop();
        miner.place = 0;
        --memberCount[miner.coalition];
        ++miner.nonce;
        emit MinerRevoked(account, epoch + 1);
    }

    /// [COALITION.4] By one of the members, with the consent of all, in the same order: they leave the coalitions that they are
    /// in, and are together in a new one.
    function form(address[] calldata members, bytes[] calldata signatures) external returns (uint64 coalition) {
        uint64 epoch = _begin();
        if (members.length < 2 || members.length != signatures.length) revert WrongMemberCount();
        coalition = ++lastCoalition;
        bool member = false;
        for (uint256 i = 0; i < members.length; ++i) {
            Miner storage miner = miners[_active(members[i], epoch + 1)];
            if (miner.coalition == coalition) revert DuplicateMember(members[i]);
            bytes32 consent = Signatures.consentHash(members, epoch, miner.nonce);
            if (!Signatures.isBy(members[i], consent, signatures[i])) revert NoConsent(members[i]);
            _move(miner, coalition);
            if (members[i] == msg.sender) member = true;
        }
        if (!member) revert NotMember();
        emit Formed(coalition, epoch + 1, members);
    }

    /// [COALITION.5] The caller is alone from the next epoch on; the others go on without it.
    function leaveCoalition() external {
        uint64 epoch = _begin();
        Miner storage miner = miners[_registered(msg.sender)];
        if (memberCount[miner.coalition] < 2) revert NotInCoalition();
        _expel(miner, epoch);
    }

    /// Alone from the next epoch on.
    function _expel(Miner storage miner, uint64 epoch) internal {
        emit Left(miner.coalition, miner.account, epoch + 1, ++lastCoalition);
        _move(miner, lastCoalition);
    }

    function _register(address account, uint64 epoch) private {
        if (account == address(0)) revert ZeroAddress();
        if (listed.length == maxMiners) revert TooManyMiners();
        uint32 number = minerOf[account];
        if (number == 0) {
            number = ++lastMiner;
            minerOf[account] = number;
            miners[number].account = account;
        }
        Miner storage miner = miners[number];
        if (miner.place != 0) revert AlreadyRegistered(account);
        listed.push(number);
        miner.place = uint32(listed.length);
        miner.coalition = ++lastCoalition;
        memberCount[lastCoalition] = 1;
        emit MinerRegistered(account, epoch + 1, lastCoalition);
    }
}
