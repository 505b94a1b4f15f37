// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Bidding} from "./Bidding.sol";
import {Disputes} from "./Disputes.sol";
import {ILicences} from "./ILicences.sol";
import {MarketViews} from "./MarketViews.sol";
import {analystRole, Job, State} from "./MarketTypes.sol";
import {Recruiting} from "./Recruiting.sol";
import {Training} from "./Training.sol";

/// Jobs of federated learning, from the request to the payment. The rules are in specs/market.md; each part of the
/// state machine is in the contract of its name.
contract Market is Bidding, Recruiting, Training, Disputes, MarketViews {
    event Stopped(uint256 indexed job, uint32 closedRounds);
    event Abandoned(uint256 indexed job, address indexed analyst);

    constructor(ILicences register, address ratings) {
        licences = register;
        reputation = ratings;
    }

    /// [MARKET.18] The consumer is content, and does not wait for the end of the dispute period.
    function accept(uint256 id) external {
        Job storage entry = jobs[id];
        if (entry.state != State.Stopped) _inState(id, State.Delivered);
        _requireConsumer(entry);
        _settle(id, entry);
    }

    /// [MARKET.18] As `expire`, for a job that is no longer in training.
    function settle(uint256 id) external {
        Job storage entry = jobs[id];
        if (entry.state != State.Stopped && entry.state != State.Disputed) _inState(id, State.Delivered);
        _expire(id, entry);
    }

    /// [MARKET.22] By anybody: leaves a state whose time is over.
    function expire(uint256 id) external {
        _expire(id, jobs[id]);
    }

    /// [MARKET.23] The analyst cannot do the job: nobody has to wait for its deadline.
    function abandon(uint256 id) external {
        Job storage entry = jobs[id];
        State state = entry.state;
        if (state != State.Recruiting) _inState(id, State.Training);
        _requireBefore(entry.deadline);
        _requireAnalyst(entry, analystRole);
        emit Abandoned(id, msg.sender);
        if (state == State.Recruiting) return _refund(id, entry);
        if (_outsideAnalysts(id, entry) == 0) return _end(id, entry);
        _restart(entry, 0);
    }

    function _expire(uint256 id, Job storage entry) private {
        State state = entry.state;
        if (state == State.None || state == State.Settled || state == State.Refunded) revert WrongState(state);
        if (state == State.Training) return _stop(id, entry);
        if (block.timestamp <= entry.deadline) revert TooEarly(entry.deadline);
        if (state == State.Open || state == State.Recruiting) return _refund(id, entry);
        if (state == State.Disputed) return _lapse(id, entry);
        _settle(id, entry);
    }

    /// [MARKET.17] Ends training without a delivery: what was closed can be disputed before it is paid.
    function _stop(uint256 id, Job storage entry) private {
        if (block.timestamp <= _lastMoment(entry) && !_tooFewOwners(id, entry)) revert TooEarly(_lastMoment(entry));
        _end(id, entry);
    }

    function _end(uint256 id, Job storage entry) private {
        if (entry.closedRounds == 0) return _refund(id, entry);
        _enter(entry, State.Stopped, entry.terms.disputeSeconds);
        emit Stopped(id, entry.closedRounds);
    }
}
