// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LargestRemainder} from "../market/LargestRemainder.sol";
import {Epoch, Seat, systemAddress, Tally} from "./CoalitionTypes.sol";
import {Valuation} from "./Valuation.sol";

/// Who wins blocks, and what for. An epoch's weights, parts and reward are fixed when it begins.
abstract contract Awards is Valuation {
    event BlockWon(uint256 indexed epoch, uint64 indexed coalition, address indexed proposer, uint256 amountWei);
    event Withdrawn(address indexed account, uint256 amountWei);

    error NotSystem();
    error AlreadyRewarded();
    error StillLocked(uint256 epoch);
    error NothingToWithdraw();
    error PaymentFailed();

    /// [AWARD.1] By the node, before the transactions of each block. [AWARD.2] The coalition of the block's proposer gets the
    /// reward, as far as the pool goes.
    function onBlock() external {
        if (msg.sender != systemAddress) revert NotSystem();
        uint64 epoch = _begin();
        if (block.number <= lastBlock) revert AlreadyRewarded();
        lastBlock = uint64(block.number);
        Seat storage seat = seats[epoch][minerOf[block.coinbase]];
        uint64 coalition = seat.coalition;
        if (coalition == 0) return;
        Tally storage tally = tallies[epoch][coalition];
        ++tally.won;
        emit BlockWon(epoch, coalition, block.coinbase, seat.valued ? _pay(epoch, coalition, tally) : 0);
    }

    /// [AWARD.6] Pays the caller what it has won in these epochs and all other credit, with the gas that is left: the account
    /// is empty before.
    function withdraw(uint256[] calldata wonIn) external {
        _begin();
        uint256 amount = credit[msg.sender];
        credit[msg.sender] = 0;
        uint32 miner = minerOf[msg.sender];
        for (uint256 i = 0; i < wonIn.length; ++i) {
            if (_isLocked(wonIn[i], miner)) revert StillLocked(wonIn[i]);
            amount += _earned(wonIn[i], miner);
            seats[wonIn[i]][miner].withdrawn = true;
        }
        if (amount == 0) revert NothingToWithdraw();
        credited -= uint128(amount);
        emit Withdrawn(msg.sender, amount);
        (bool paid,) = msg.sender.call{value: amount}("");
        if (!paid) revert PaymentFailed();
    }

    /// [AWARD.1] Fixes weights, parts and reward of the epoch, by what was recorded in the one before.
    function _begin() internal override returns (uint64 epoch) {
        epoch = _epochNow();
        if (epoch < nextEpoch) return epoch;
        nextEpoch = epoch + 1;
        Draft memory draft = _draft(epoch);
        uint256[] memory parts = _parts(draft);
        epochs[epoch] = Epoch(true, uint96(draft.rewardWei), uint72(draft.valueSum), uint72(draft.normaliser));
        rosters[epoch] = draft.miners;
        for (uint256 i = 0; i < parts.length; ++i) {
            Seat storage seat = seats[epoch][draft.miners[i]];
            seat.coalition = draft.coalitions[i];
            seat.weight = uint48(_weight(draft, i));
            seat.partWei = uint96(parts[i]);
            seat.valued = draft.values[draft.first[i]] > 0;
        }
        emit EpochBegun(epoch, draft.rewardWei, draft.valueSum, draft.normaliser);
    }

    /// [AWARD.5] What the miner has won in the epoch and not withdrawn or forfeited, in wei.
    function _earned(uint256 epoch, uint32 miner) internal view returns (uint256) {
        Seat storage seat = seats[epoch][miner];
        if (seat.forfeited || seat.withdrawn) return 0;
        return uint256(seat.partWei) * tallies[epoch][seat.coalition].paidInFull + seat.extraWei;
    }

    /// [AWARD.6] While the epoch lasts or has not begun, and while a challenge of what it rests on is open.
    function _isLocked(uint256 epoch, uint32 miner) internal view returns (bool) {
        return epoch >= _epochNow() || (epoch > 0 && recordings[epoch - 1][miner].open > 0);
    }

    /// From the pool to the members, less the parts that were forfeited.
    function _pay(uint64 epoch, uint64 coalition, Tally storage tally) private returns (uint256 amount) {
        amount = epochs[epoch].rewardWei - tally.withheldWei;
        if (amount <= pool) {
            ++tally.paidInFull;
        } else {
            amount = pool;
            if (amount > 0) _payPartly(epoch, coalition, amount);
        }
        pool -= uint128(amount);
        credited += uint128(amount);
    }

    /// [AWARD.2] The pool has less than the reward: what is left is shared by the parts.
    function _payPartly(uint64 epoch, uint64 coalition, uint256 amount) private {
        uint32[] memory roster = rosters[epoch];
        uint256[] memory parts = new uint256[](roster.length);
        for (uint256 i = 0; i < roster.length; ++i) {
            Seat storage seat = seats[epoch][roster[i]];
            if (seat.coalition == coalition && !seat.forfeited) parts[i] = seat.partWei;
        }
        parts = LargestRemainder.split(amount, parts);
        for (uint256 i = 0; i < roster.length; ++i) {
            if (parts[i] > 0) seats[epoch][roster[i]].extraWei += uint96(parts[i]);
        }
    }
}
