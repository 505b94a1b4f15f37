// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BitCounters} from "./BitCounters.sol";
import {LargestRemainder} from "./LargestRemainder.sol";
import {Ledger} from "./Ledger.sol";
import {MarketBase} from "./MarketBase.sol";
import {CreditKind, Job, Outcome, State, TradeKind} from "./MarketTypes.sol";

/// How the price of a job is paid out, in integers that sum to it.
abstract contract Settlement is MarketBase, Ledger {
    using BitCounters for uint256[];

    event Settled(uint256 indexed job, Outcome outcome);
    event Traded(
        uint256 indexed id,
        uint256 indexed job,
        TradeKind kind,
        address seller,
        address buyer,
        uint256 amount,
        bytes32 subject
    );

    /// [PAYMENT.10] A row in one word: amount (96 bits), job (64), index of the seller among the owners or analysts of the
    /// job (16), kind (8). The rest of the row is in the job.
    uint256[] internal rows;

    /// In full if the analyst has delivered, else for the closed rounds.
    function _settle(uint256 id, Job storage job) internal {
        if (job.delivered) _settleInFull(id, job);
        else _settleRounds(id, job, Outcome.Partial, address(0));
    }

    /// [PAYMENT.3] The owners' pool by contribution; the fee by closed rounds and the delivery.
    function _settleInFull(uint256 id, Job storage job) private {
        uint256 fee = job.fee;
        _finish(job, Outcome.Full);
        _payOwners(id, job, LargestRemainder.split(job.price - fee, _contributions(id)));
        uint256[] memory work = _work(id);
        ++work[work.length - 1]; // [PAYMENT.4] the last analyst delivered
        _payAnalysts(id, job, LargestRemainder.split(fee, work), address(0));
        emit Settled(id, Outcome.Full);
    }

    /// [PAYMENT.5] Pool and fee for the closed rounds, at least one; the consumer gets the rest. [PAYMENT.6] So is an
    /// upheld dispute paid, but what `accused` would get goes to the consumer too.
    function _settleRounds(uint256 id, Job storage job, Outcome outcome, address accused) internal {
        _finish(job, outcome);
        uint256 paid = _payPool(id, job);
        paid += _payFee(id, job, accused);
        _credit(id, job.consumer, job.price - paid, CreditKind.Refund);
        emit Settled(id, outcome);
    }

    /// The pool for the closed rounds, by the rounds that each owner survived.
    function _payPool(uint256 id, Job storage job) private returns (uint256 pool) {
        pool = uint256(job.price - job.fee) * job.closedRounds / job.terms.maxRounds;
        _payOwners(id, job, LargestRemainder.split(pool, survivals[id].read(selectedOwners[id].length)));
    }

    /// [PAYMENT.4] The fee for the closed rounds: one more is for the delivery, which did not come or does not count.
    function _payFee(uint256 id, Job storage job, address accused) private returns (uint256) {
        uint256 fee = uint256(job.fee) * job.closedRounds / (uint256(job.terms.maxRounds) + 1);
        return _payAnalysts(id, job, LargestRemainder.split(fee, _work(id)), accused);
    }

    function _finish(Job storage job, Outcome outcome) private {
        job.state = State.Settled;
        job.outcome = outcome;
        job.settledBlock = uint64(block.number);
    }

    /// The delivered weights; if all are zero, one for each owner that survived a round.
    function _contributions(uint256 id) private view returns (uint256[] memory weights) {
        uint64[] memory delivered = weightsOf[id];
        weights = new uint256[](delivered.length);
        uint256 sum = 0;
        for (uint256 i = 0; i < weights.length; ++i) sum += weights[i] = delivered[i];
        if (sum > 0) return weights;
        weights = survivals[id].read(weights.length);
        for (uint256 i = 0; i < weights.length; ++i) if (weights[i] > 0) weights[i] = 1;
    }

    /// Rounds closed, by analyst.
    function _work(uint256 id) private view returns (uint256[] memory rounds) {
        address[] storage list = analysts[id];
        rounds = new uint256[](list.length);
        for (uint256 i = 0; i < rounds.length; ++i) rounds[i] = parties[id][list[i]].closedRounds;
    }

    function _payOwners(uint256 id, Job storage job, uint256[] memory parts) private {
        address[] storage owners = selectedOwners[id];
        for (uint256 i = 0; i < parts.length; ++i) {
            if (parts[i] == 0) continue;
            _credit(id, owners[i], parts[i], CreditKind.Owner);
            _trade(id, TradeKind.OwnerToAnalyst, i, owners[i], job.analyst, parts[i], job.stateHash);
        }
    }

    function _payAnalysts(uint256 id, Job storage job, uint256[] memory parts, address accused)
        private
        returns (uint256 paid)
    {
        address[] storage list = analysts[id];
        for (uint256 i = 0; i < parts.length; ++i) {
            if (parts[i] == 0 || list[i] == accused) continue;
            paid += parts[i];
            _credit(id, list[i], parts[i], CreditKind.Analyst);
            _trade(id, TradeKind.AnalystToConsumer, i, list[i], job.consumer, parts[i], job.stateHash);
        }
    }

    function _trade(
        uint256 id,
        TradeKind kind,
        uint256 index,
        address seller,
        address buyer,
        uint256 amount,
        bytes32 subject
    ) private {
        rows.push(amount | (id << 96) | (index << 160) | (uint256(kind) << 176));
        emit Traded(rows.length - 1, id, kind, seller, buyer, amount, subject);
    }
}
