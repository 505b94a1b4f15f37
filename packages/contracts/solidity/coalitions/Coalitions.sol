// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Challenges} from "./Challenges.sol";
import {Challenge, Epoch, Miner, Recording, Seat, Statement, Tally, Worker} from "./CoalitionTypes.sol";

/// Coalitions of miners whose data decides who proposes blocks, and what they are paid. The rules are in
/// specs/coalition-contract.md; each part is in the contract of its name.
contract Coalitions is Challenges {
    /// [AWARD.1] The miners of the epoch, and what each proposes in proportion to, below 2^48. The answer is the same from the
    /// last block of the epoch before on.
    function proposerWeights(uint256 epoch)
        external
        view
        returns (address[] memory accounts, uint256[] memory weights)
    {
        bool begun = epoch < nextEpoch;
        Draft memory draft;
        if (!begun) draft = _draft(epoch);
        uint32[] memory numbers = begun ? rosters[epoch] : draft.miners;
        accounts = new address[](numbers.length);
        weights = new uint256[](numbers.length);
        for (uint256 i = 0; i < numbers.length; ++i) {
            accounts[i] = miners[numbers[i]].account;
            weights[i] = begun ? seats[epoch][numbers[i]].weight : _weight(draft, i);
        }
    }

    /// [COALITION.6] The miners of the epoch, in the same order, and the coalition of each.
    function partition(uint256 epoch)
        external
        view
        returns (address[] memory accounts, uint64[] memory coalitions)
    {
        uint32[] memory numbers = epoch < nextEpoch ? rosters[epoch] : listed;
        accounts = new address[](numbers.length);
        coalitions = new uint64[](numbers.length);
        for (uint256 i = 0; i < numbers.length; ++i) {
            accounts[i] = miners[numbers[i]].account;
            coalitions[i] = _coalitionAt(epoch, numbers[i]);
        }
    }

    /// [COALITION.6] 0 for a miner that has no seat in the epoch.
    function coalitionAt(uint256 epoch, address account) external view returns (uint64) {
        return _coalitionAt(epoch, minerOf[account]);
    }

    /// Blocks that members of the coalition proposed in the epoch, paid or not.
    function blocksWon(uint256 epoch, uint64 coalition) external view returns (uint256) {
        return tallies[epoch][coalition].won;
    }

    /// Zeros for an epoch that has not begun.
    function epochSummary(uint256 epoch) external view returns (Epoch memory) {
        return epochs[epoch];
    }

    /// Zeros for an epoch that has not begun.
    function seat(uint256 epoch, address account) external view returns (Seat memory) {
        return seats[epoch][minerOf[account]];
    }

    /// [AWARD.6] What the miner has won in the epoch and not withdrawn, in wei, and whether it may yet lose it.
    function earned(uint256 epoch, address account) external view returns (uint256 amountWei, bool locked) {
        uint32 number = minerOf[account];
        return (_earned(epoch, number), _isLocked(epoch, number));
    }

    /// Bonds and shares of fines, in wei.
    function creditOf(address account) external view returns (uint256) {
        return credit[account];
    }

    /// [AWARD.7] Pool, credits and bonds, and the contract's balance, which is their sum; in wei.
    function funds() external view returns (uint256, uint256, uint256, uint256) {
        return (pool, credited, bonded, address(this).balance);
    }

    /// Zeros for an account that was never registered.
    function miner(address account) external view returns (Miner memory) {
        return miners[minerOf[account]];
    }

    /// What is known of a worker, and its reputation in basis points.
    function worker(address account) external view returns (Worker memory, uint16) {
        Worker memory entry = workers[account];
        return (entry, reputationBps(entry.good, entry.bad));
    }

    /// Zeros if the worker's data was not recorded in the epoch.
    function statement(uint256 epoch, address account) external view returns (Statement memory) {
        return statements[epoch][account];
    }

    /// What the miner recorded in the epoch: `indices` are those of the statements.
    function recording(uint256 epoch, address account) external view returns (Recording memory) {
        return recordings[epoch][minerOf[account]];
    }

    /// The open challenge of this challenger; zeros if there is none.
    function challengeOf(address challenger) external view returns (Challenge memory) {
        return challenges[minerOf[challenger]];
    }

    function _coalitionAt(uint256 epoch, uint32 number) private view returns (uint64) {
        if (epoch < nextEpoch) return seats[epoch][number].coalition;
        return miners[number].place == 0 ? 0 : miners[number].coalition;
    }
}
