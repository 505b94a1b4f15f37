// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Authority} from "./Authority.sol";
import {Challenge, Epoch, Miner, Recording, Seat, Split, Statement, Tally, Worker} from "./CoalitionTypes.sol";

/// The storage of the coalitions, and what its parts share. The contract stands in the genesis: what is configured here is
/// set there. Miners have numbers, which are never used again; each epoch keeps the list of those that had a seat in it.
abstract contract CoalitionBase is Authority {
    event EpochBegun(uint256 indexed epoch, uint256 rewardWei, uint256 valueSum, uint256 normaliser);

    error NotMiner(address account);
    error Suspended(address account, uint64 untilEpoch);
    error WrongEpoch(uint64 current);
    error NotRecorded();

    /// Blocks of an epoch: epoch k has blocks k * epochBlocks + 1 to (k + 1) * epochBlocks.
    uint32 public epochBlocks;
    /// [SENSE.7] Quarters of the synergy exponent.
    uint8 public synergyQuarters;
    Split public split;
    /// [CHALLENGE.4] Blocks in which the accused may answer after the one that draws.
    uint8 public answerBlocks;
    /// [CHALLENGE.5]
    uint16 public suspensionEpochs;
    /// [AWARD.3] What a block would pay at the normaliser, in wei.
    uint96 public rewardPerBlockWei;
    /// [CHALLENGE.1]
    uint96 public bondWei;

    /// [AWARD.2] What rewards are paid from, in wei.
    uint128 internal pool;
    /// What accounts are due, locked or not, in wei.
    uint128 internal credited;
    /// Bonds of open challenges, in wei.
    uint128 internal bonded;
    /// The first epoch that has not begun.
    uint64 internal nextEpoch;
    /// The last block that was rewarded.
    uint64 internal lastBlock;
    /// Coalitions have numbers, which are never used again. A miner that is in no other is alone in one.
    uint64 internal lastCoalition;
    uint32 internal lastMiner;

    mapping(address account => uint32 miner) internal minerOf;
    mapping(uint256 miner => Miner) internal miners;
    /// The registered miners, in the order of the next epoch.
    uint32[] internal listed;
    /// Of the next epoch.
    mapping(uint64 coalition => uint256) internal memberCount;

    mapping(address account => Worker) internal workers;
    mapping(uint256 epoch => mapping(address worker => Statement)) internal statements;
    /// Samples times reputation of each statement, by its index.
    mapping(uint256 epoch => uint64[]) internal dataOf;
    mapping(uint256 epoch => mapping(uint256 miner => Recording)) internal recordings;

    mapping(uint256 epoch => Epoch) internal epochs;
    mapping(uint256 epoch => uint32[] miners) internal rosters;
    mapping(uint256 epoch => mapping(uint256 miner => Seat)) internal seats;
    mapping(uint256 epoch => mapping(uint64 coalition => Tally)) internal tallies;

    mapping(uint256 challenger => Challenge) internal challenges;
    /// Bonds and shares of fines, in wei.
    mapping(address account => uint256) internal credit;

    /// Begins the epoch of this block if nobody has; every call that changes something does so first.
    function _begin() internal virtual returns (uint64 epoch);

    function _epochNow() internal view returns (uint64) {
        return block.number == 0 ? 0 : uint64((block.number - 1) / epochBlocks);
    }

    /// The registered miner of this account.
    function _registered(address account) internal view returns (uint32 number) {
        number = minerOf[account];
        if (number == 0 || miners[number].place == 0) revert NotMiner(account);
    }

    /// The same, when it will not be suspended in `epoch`.
    function _active(address account, uint64 epoch) internal view returns (uint32 number) {
        number = _registered(account);
        uint64 until = miners[number].suspendedUntil;
        if (epoch < until) revert Suspended(account, until);
    }

    /// From the next epoch on.
    function _move(Miner storage miner, uint64 to) internal {
        --memberCount[miner.coalition];
        miner.coalition = to;
        ++memberCount[to];
        ++miner.nonce;
    }

    /// Whether the statement of this index is among those that the miner recorded.
    function _holds(Recording storage recording, uint16 index) internal view returns (bool) {
        uint16[] storage indices = recording.indices;
        uint256 count = indices.length;
        for (uint256 i = 0; i < count; ++i) if (indices[i] == index) return true;
        return false;
    }
}
