// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    analystRole,
    consumerRole,
    Dispute,
    Job,
    ownerRole,
    Party,
    Round,
    State,
    Trade,
    TradeKind
} from "./MarketTypes.sol";
import {Settlement} from "./Settlement.sol";

/// What can be read of the market. A page has fewer entries, or none, at the end of its list.
abstract contract MarketViews is Settlement {
    /// Zeros for a job that is not there.
    function job(uint256 id) external view returns (Job memory) {
        return jobs[id];
    }

    /// A job, its last dispute, how many owners were selected, and the attempt of the round after the closed ones.
    function describe(uint256 id) external view returns (Job memory, Dispute memory, uint256 ownerCount, uint32 attempt) {
        attempt = roundsOf[id][jobs[id].closedRounds + 1].attempt;
        return (jobs[id], disputes[id], selectedOwners[id].length, attempt);
    }

    /// [PAYMENT.1] What is locked, what is credited, and the contract's balance, which is their sum.
    function funds() external view returns (uint256, uint256, uint256) {
        return (locked, credited, address(this).balance);
    }

    /// The selected owners, by index.
    function owners(uint256 id) external view returns (address[] memory) {
        return selectedOwners[id];
    }

    /// Everybody that was invited.
    function invited(uint256 id) external view returns (address[] memory) {
        return invitedOwners[id];
    }

    /// Everybody that held the job, in order.
    function analystsOf(uint256 id) external view returns (address[] memory) {
        return analysts[id];
    }

    /// Rounds `offset + 1` and on, up to `limit` of them: the closed ones, then the one that may be open.
    function rounds(uint256 id, uint256 offset, uint256 limit) external view returns (Round[] memory page) {
        uint256 count = jobs[id].closedRounds;
        if (roundsOf[id][uint32(count + 1)].attempt > 0) ++count;
        page = new Round[](_pageSize(count, offset, limit));
        for (uint256 i = 0; i < page.length; ++i) page[i] = roundsOf[id][uint32(offset + i + 1)];
    }

    function tradeCount() external view returns (uint256) {
        return rows.length;
    }

    /// [PAYMENT.10]
    function trades(uint256 offset, uint256 limit) external view returns (Trade[] memory page) {
        page = new Trade[](_pageSize(rows.length, offset, limit));
        for (uint256 i = 0; i < page.length; ++i) page[i] = _tradeAt(offset + i);
    }

    /// [RATING.1] For which role `rater` may rate `subject` once the job is over: a consumer and owners the analysts, an
    /// analyst the owners. 0 if it may not.
    function raterRole(uint256 id, address rater, address subject) external view returns (uint8) {
        Job storage entry = jobs[id];
        if (entry.state != State.Settled && entry.state != State.Refunded) return 0;
        Party storage from = parties[id][rater];
        Party storage to = parties[id][subject];
        if (from.held) return to.ownerNumber != 0 ? analystRole : 0;
        if (!to.held) return 0;
        if (rater == entry.consumer) return consumerRole;
        return from.ownerNumber != 0 ? ownerRole : 0;
    }

    function _tradeAt(uint256 index) private view returns (Trade memory row) {
        uint256 word = rows[index];
        uint64 id = uint64(word >> 96);
        uint256 seller = uint16(word >> 160);
        Job storage entry = jobs[id];
        row.id = uint64(index);
        row.job = id;
        row.kind = uint8(word >> 176);
        bool fromOwner = row.kind == uint8(TradeKind.OwnerToAnalyst);
        row.seller = fromOwner ? selectedOwners[id][seller] : analysts[id][seller];
        row.buyer = fromOwner ? entry.analyst : entry.consumer;
        row.amount = uint96(word);
        row.subject = entry.stateHash;
        row.blockNumber = entry.settledBlock;
    }

    function _pageSize(uint256 count, uint256 offset, uint256 limit) private pure returns (uint256) {
        uint256 left = offset < count ? count - offset : 0;
        return left < limit ? left : limit;
    }
}
