// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILicences} from "./ILicences.sol";
import {Dispute, Job, Party, Round, State} from "./MarketTypes.sol";

/// The storage of the market, and the checks that its parts share. Checks come in this order [MARKET.2]: state, time,
/// caller, arguments.
abstract contract MarketBase {
    error WrongState(State state);
    error TooLate(uint64 deadline);
    error TooEarly(uint64 deadline);
    error NotConsumer();
    error NotAnalyst();
    error NotOwner();
    /// An address has one role in a job [MARKET.7].
    error PartyConflict(address account);

    ILicences public licences;
    /// Where parties of finished jobs rate each other; not called from here.
    address public reputation;
    uint256 public jobCount;

    mapping(uint256 job => Job) internal jobs;
    mapping(uint256 job => mapping(address account => Party)) internal parties;
    /// Everybody that was invited.
    mapping(uint256 job => address[]) internal invitedOwners;
    /// The selected owners: bit i of a bitmap is index i.
    mapping(uint256 job => address[]) internal selectedOwners;
    /// Everybody that held the job as its analyst, in order.
    mapping(uint256 job => address[]) internal analysts;
    mapping(uint256 job => mapping(uint32 round => Round)) internal roundsOf;
    /// How many closed rounds each owner survived.
    mapping(uint256 job => uint256[]) internal survivals;
    /// As delivered, by owner.
    mapping(uint256 job => uint64[]) internal weightsOf;
    mapping(uint256 job => Dispute) internal disputes;
    mapping(uint256 job => mapping(uint32 round => bool)) internal disputedRounds;

    /// The job in a state that has a deadline, before it.
    function _timely(uint256 id, State state) internal view returns (Job storage job) {
        job = _inState(id, state);
        _requireBefore(job.deadline);
    }

    function _requireBefore(uint64 deadline) internal view {
        if (block.timestamp > deadline) revert TooLate(deadline);
    }

    function _inState(uint256 id, State state) internal view returns (Job storage job) {
        job = jobs[id];
        if (job.state != state) revert WrongState(job.state);
    }

    function _enter(Job storage job, State state, uint64 lastsSeconds) internal {
        job.state = state;
        _restart(job, lastsSeconds);
    }

    /// Seconds are bounded by [MARKET.3], so that the sum cannot overflow.
    function _restart(Job storage job, uint64 lastsSeconds) internal {
        job.deadline = uint64(block.timestamp) + lastsSeconds;
    }

    function _requireConsumer(Job storage job) internal view {
        if (msg.sender != job.consumer) revert NotConsumer();
    }

    /// The caller holds the job, and a licence [LICENCE.5].
    function _requireAnalyst(Job storage job, uint8 role) internal view {
        if (msg.sender != job.analyst) revert NotAnalyst();
        _requireLicensed(msg.sender, role);
    }

    /// [LICENCE.5]
    function _requireLicensed(address account, uint8 role) internal view {
        if (!licences.isLicensed(account, role)) revert ILicences.NotLicensed(account, role);
    }

    /// How many of the accounts have a licence for `role`.
    function _countLicensed(address[] memory accounts, uint8 role) internal view returns (uint256) {
        return licences.countLicensed(accounts, role);
    }
}
