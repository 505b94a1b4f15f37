// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {analystRole, bondDivisor, CreditKind, Dispute, Job, Outcome, Party, State} from "./MarketTypes.sol";
import {Settlement} from "./Settlement.sol";

/// What may happen between the end of training and the settlement: other analysts judge a round by computing it again.
abstract contract Disputes is Settlement {
    event Disputed(uint256 indexed job, address indexed by, uint32 round, address accused, uint32 arbiters);
    event Voted(uint256 indexed job, address indexed arbiter, bool upheld);
    event DisputeRejected(uint256 indexed job, address indexed by, uint32 round);
    /// The arbiters did not decide in time.
    event DisputeLapsed(uint256 indexed job, address indexed by, uint32 round);

    error NotParty();
    error AlreadyDisputed();
    error NoSuchRound(uint32 round);
    error WrongBond(uint256 expected);
    error NoArbiters();
    error NotArbiter();
    error AlreadyVoted();

    /// [MARKET.19] Says that a closed round was not computed as the specification says; round 0 is the delivery itself.
    function dispute(uint256 id, uint32 round) external payable {
        Job storage job = jobs[id];
        if (job.state != State.Stopped) _inState(id, State.Delivered);
        _requireBefore(job.deadline);
        Party storage party = parties[id][msg.sender];
        if (msg.sender != job.consumer && party.ownerNumber == 0) revert NotParty();
        if (round > job.closedRounds || (round == 0 && !job.delivered)) revert NoSuchRound(round);
        if (party.disputed || disputedRounds[id][round]) revert AlreadyDisputed();
        if (msg.value != bondOf(job.price)) revert WrongBond(bondOf(job.price));
        party.disputed = true;
        disputedRounds[id][round] = true;
        locked += msg.value;

        Dispute storage entry = disputes[id];
        uint256 arbiters = _outsideAnalysts(id, job);
        if (arbiters == 0) revert NoArbiters();
        entry.by = msg.sender;
        entry.round = round;
        ++entry.number;
        entry.arbiters = uint32(arbiters);
        entry.accused = round == 0 ? job.analyst : roundsOf[id][round].analyst;
        entry.upheld = 0;
        entry.rejected = 0;
        entry.lastSerial = licences.lastSerial();
        _enter(job, State.Disputed, job.terms.disputeSeconds);
        emit Disputed(id, msg.sender, round, entry.accused, uint32(arbiters));
    }

    /// [MARKET.20] Of a licensed analyst that has no part in the job and had its licence when the dispute began; one vote
    /// each. [MARKET.21] More than half of them decide at once.
    function vote(uint256 id, bool upheld) external {
        Job storage job = _timely(id, State.Disputed);
        Dispute storage entry = disputes[id];
        Party storage party = parties[id][msg.sender];
        uint64 serial = licences.serialOf(msg.sender, analystRole);
        bool partial_ = party.held || party.ownerNumber != 0 || msg.sender == job.consumer;
        if (serial == 0 || serial > entry.lastSerial || partial_) revert NotArbiter();
        if (party.votedIn == entry.number) revert AlreadyVoted();
        party.votedIn = entry.number;
        emit Voted(id, msg.sender, upheld);
        uint256 votes = upheld ? ++entry.upheld : ++entry.rejected;
        if (votes * 2 <= entry.arbiters) return;
        if (upheld) {
            _returnBond(id, job, entry.by);
            _settleRounds(id, job, Outcome.Upheld, entry.accused);
        } else {
            _reopen(id, job, entry.accused);
            emit DisputeRejected(id, entry.by, entry.round);
        }
    }

    /// [MARKET.21] Nobody decided.
    function _lapse(uint256 id, Job storage job) internal {
        Dispute storage entry = disputes[id];
        _reopen(id, job, entry.by);
        emit DisputeLapsed(id, entry.by, entry.round);
    }

    /// [MARKET.21] The dispute was not upheld: others may dispute again, for a new period.
    function _reopen(uint256 id, Job storage job, address bondTo) private {
        _returnBond(id, job, bondTo);
        _enter(job, job.delivered ? State.Delivered : State.Stopped, job.terms.disputeSeconds);
    }

    /// [PAYMENT.8] What a dispute costs, in wei: a twentieth of the price, at least 1.
    function bondOf(uint256 price) public pure returns (uint256) {
        return price < bondDivisor ? 1 : price / bondDivisor;
    }

    /// [PAYMENT.8] To the one that turned out right; to the disputer if nobody did.
    function _returnBond(uint256 id, Job storage job, address to) private {
        _credit(id, to, bondOf(job.price), CreditKind.Bond);
    }

    /// [MARKET.20] Licensed analysts without a part in the job. No address is counted twice: each has one role [MARKET.7].
    function _outsideAnalysts(uint256 id, Job storage job) internal view returns (uint256) {
        uint256 parts = _countLicensed(analysts[id], analystRole)
            + _countLicensed(selectedOwners[id], analystRole)
            + (licences.isLicensed(job.consumer, analystRole) ? 1 : 0);
        return licences.holderCount(analystRole) - parts;
    }
}
