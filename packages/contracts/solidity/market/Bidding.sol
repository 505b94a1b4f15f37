// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ledger} from "./Ledger.sol";
import {MarketBase} from "./MarketBase.sol";
import {
    analystRole,
    consumerRole,
    CreditKind,
    Job,
    leastOwners,
    maxOfRounds,
    maxSeconds,
    maxSpecBytes,
    mostOwners,
    Party,
    State,
    Terms
} from "./MarketTypes.sol";

/// From a consumer's request to the award to an analyst.
abstract contract Bidding is MarketBase, Ledger {
    event Requested(uint256 indexed job, address indexed consumer, uint256 price, string spec, Terms terms);
    event Offered(uint256 indexed job, address indexed analyst, uint256 fee);
    event Awarded(uint256 indexed job, address indexed analyst, uint256 fee);
    event Cancelled(uint256 indexed job);
    event Refunded(uint256 indexed job);

    error BadTerms();
    error BadPrice();
    error BadSpec();
    /// The fee is above the price, or not below the analyst's last offer.
    error FeeTooHigh();
    error NoOffer(address analyst);

    /// [MARKET.3] Locks the price. `spec` is the job as JSON; it is kept in the event, its digest here.
    function request(bytes calldata spec, Terms calldata terms) external payable returns (uint256 id) {
        _requireLicensed(msg.sender, consumerRole);
        if (msg.value == 0 || msg.value > type(uint96).max) revert BadPrice();
        if (spec.length == 0 || spec.length > maxSpecBytes) revert BadSpec();
        _checkTerms(terms);
        id = ++jobCount;
        Job storage job = jobs[id];
        job.consumer = msg.sender;
        job.price = uint96(msg.value);
        job.specHash = keccak256(spec);
        job.terms = terms;
        locked += msg.value;
        _enter(job, State.Open, terms.offerSeconds);
        emit Requested(id, msg.sender, msg.value, string(spec), terms);
    }

    /// [MARKET.4] Offers to do the job for `fee` of its price. A later offer must be lower: what the consumer awards
    /// is never dearer than what it saw.
    function offer(uint256 id, uint256 fee) external {
        Job storage job = _timely(id, State.Open);
        _requireLicensed(msg.sender, analystRole);
        if (msg.sender == job.consumer) revert PartyConflict(msg.sender);
        Party storage party = parties[id][msg.sender];
        if (fee > job.price || (party.offered && fee >= party.fee)) revert FeeTooHigh();
        party.offered = true;
        party.fee = uint96(fee);
        emit Offered(id, msg.sender, fee);
    }

    /// [MARKET.5]
    function award(uint256 id, address analyst) external {
        Job storage job = _timely(id, State.Open);
        _requireConsumer(job);
        Party storage party = parties[id][analyst];
        if (!party.offered) revert NoOffer(analyst);
        _requireLicensed(analyst, analystRole);
        party.held = true;
        analysts[id].push(analyst);
        job.analyst = analyst;
        job.fee = party.fee;
        _enter(job, State.Recruiting, job.terms.recruitSeconds);
        emit Awarded(id, analyst, party.fee);
    }

    /// [MARKET.6]
    function cancel(uint256 id) external {
        Job storage job = _inState(id, State.Open);
        _requireConsumer(job);
        emit Cancelled(id);
        _refund(id, job);
    }

    /// [PAYMENT.7]
    function _refund(uint256 id, Job storage job) internal {
        job.state = State.Refunded;
        _credit(id, job.consumer, job.price, CreditKind.Refund);
        emit Refunded(id);
    }

    function _checkTerms(Terms calldata terms) private pure {
        _checkSeconds(terms.offerSeconds);
        _checkSeconds(terms.recruitSeconds);
        _checkSeconds(terms.roundSeconds);
        _checkSeconds(terms.resumeSeconds);
        _checkSeconds(terms.disputeSeconds);
        bool rounds = terms.minRounds > 0 && terms.minRounds <= terms.maxRounds && terms.maxRounds <= maxOfRounds;
        bool owners =
            terms.minOwners >= leastOwners && terms.minOwners <= terms.maxOwners && terms.maxOwners <= mostOwners;
        if (!rounds || !owners) revert BadTerms();
    }

    function _checkSeconds(uint64 duration) private pure {
        if (duration == 0 || duration > maxSeconds) revert BadTerms();
    }
}
