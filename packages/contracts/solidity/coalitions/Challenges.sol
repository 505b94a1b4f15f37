// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Awards} from "./Awards.sol";
import {Challenge, fineDivisor, Miner, Recording, Seat, Statement, Tally} from "./CoalitionTypes.sol";
import {Membership} from "./Membership.sol";
import {SampleTree} from "./SampleTree.sol";
import {Sensing} from "./Sensing.sol";

/// Whether a miner has the data that it recorded: it shows the leaf that a later block draws, or pays.
abstract contract Challenges is Awards, Membership, Sensing {
    event Challenged(
        uint256 indexed epoch, address indexed accused, address indexed challenger, address worker, uint64 drawBlock
    );
    event Answered(address indexed accused, address indexed challenger, uint256 index);
    event Upheld(address indexed accused, address indexed challenger, uint256 fineWei, uint64 suspendedUntil);
    /// Another challenge of what the accused recorded in that epoch was upheld before.
    event Dropped(address indexed accused, address indexed challenger);

    error OwnContribution();
    error AlreadyChallenging();
    error AlreadyVoid();
    error WrongBond(uint256 expectedWei);
    error NoChallenge();
    error NotAccused();
    error TooEarly(uint64 lastBlock);
    error TooLate(uint64 lastBlock);
    error WrongProof(uint256 index);

    /// [CHALLENGE.1] [CHALLENGE.2] By another miner, in the epoch after that in which the statement was recorded.
    function challenge(uint64 epoch, address accused, address worker) external payable {
        uint64 current = _begin();
        if (current == 0 || epoch != current - 1) revert WrongEpoch(current);
        uint32 challenger = _active(msg.sender, current);
        uint32 number = minerOf[accused];
        if (challenger == number) revert OwnContribution();
        Challenge storage entry = challenges[challenger];
        if (entry.drawBlock != 0) revert AlreadyChallenging();
        Statement storage statement = statements[epoch][worker];
        Recording storage recording = recordings[epoch][number];
        if (statement.samples == 0 || !_holds(recording, statement.index)) revert NotRecorded();
        if (recording.void_) revert AlreadyVoid();
        if (msg.value != bondWei) revert WrongBond(bondWei);
        bonded += uint128(msg.value);
        ++recording.open;
        entry.epoch = epoch;
        entry.drawBlock = uint64(block.number) + 1;
        entry.accused = number;
        entry.worker = worker;
        emit Challenged(epoch, accused, msg.sender, worker, entry.drawBlock);
    }

    /// [CHALLENGE.3] [CHALLENGE.4] By the accused: the leaf that was drawn, and its proof. It gets the bond.
    function answer(address challenger, bytes calldata leaf, bytes32[] calldata proof) external {
        _begin();
        Challenge storage entry = _open(challenger);
        if (minerOf[msg.sender] != entry.accused) revert NotAccused();
        Statement storage statement = statements[entry.epoch][entry.worker];
        uint256 index = _drawn(entry, challenger);
        bytes32 hash = SampleTree.leafHash(index, leaf);
        if (!SampleTree.holds(statement.root, statement.samples, index, hash, proof)) revert WrongProof(index);
        if (!statement.proved) {
            statement.proved = true; // [CHALLENGE.7]
            _observe(entry.worker, true);
        }
        emit Answered(msg.sender, challenger, index);
        _close(challenger, entry, msg.sender);
    }

    /// [CHALLENGE.4] By anybody, when there was no answer in time.
    function conclude(address challenger) external {
        uint64 current = _begin();
        Challenge storage entry = _open(challenger);
        if (block.number <= _deadline(entry)) revert TooEarly(_deadline(entry));
        Recording storage recording = recordings[entry.epoch][entry.accused];
        if (recording.void_) {
            emit Dropped(miners[entry.accused].account, challenger);
        } else {
            recording.void_ = true;
            _uphold(current, challenger, entry);
        }
        _close(challenger, entry, challenger);
    }

    /// [CHALLENGE.3] Index of the leaf that the accused must show.
    function drawnLeaf(address challenger) external view returns (uint256) {
        return _drawn(_open(challenger), challenger);
    }

    /// [CHALLENGE.5] [CHALLENGE.6] The accused is suspended, alone, and loses what it won by the contribution.
    function _uphold(uint64 current, address challenger, Challenge storage entry) private {
        Miner storage miner = miners[entry.accused];
        miner.suspendedUntil = current + 1 + suspensionEpochs;
        if (miner.place != 0 && memberCount[miner.coalition] > 1) _expel(miner, current);

        uint256 fine = _earned(entry.epoch + 1, entry.accused);
        Seat storage seat = seats[entry.epoch + 1][entry.accused];
        seat.forfeited = true;
        tallies[entry.epoch + 1][seat.coalition].withheldWei += seat.partWei;
        uint256 reward = fine / fineDivisor;
        credit[challenger] += reward;
        credited -= uint128(fine - reward);
        pool += uint128(fine - reward);

        Statement storage statement = statements[entry.epoch][entry.worker];
        if (!statement.proved && !statement.failed) {
            statement.failed = true; // [CHALLENGE.7]
            _observe(entry.worker, false);
        }
        emit Upheld(miner.account, challenger, fine, miner.suspendedUntil);
    }

    /// The challenge is over, and its bond is credited.
    function _close(address challenger, Challenge storage entry, address bondTo) private {
        --recordings[entry.epoch][entry.accused].open;
        delete challenges[minerOf[challenger]];
        bonded -= bondWei;
        credited += bondWei;
        credit[bondTo] += bondWei;
    }

    function _open(address challenger) private view returns (Challenge storage entry) {
        entry = challenges[minerOf[challenger]];
        if (entry.drawBlock == 0) revert NoChallenge();
    }

    /// The last block in which there may be an answer. It is less than 256 blocks after the one that draws, whose hash is
    /// therefore still known in it.
    function _deadline(Challenge storage entry) private view returns (uint64) {
        return entry.drawBlock + answerBlocks;
    }

    function _drawn(Challenge storage entry, address challenger) private view returns (uint256) {
        if (block.number <= entry.drawBlock) revert TooEarly(entry.drawBlock);
        if (block.number > _deadline(entry)) revert TooLate(_deadline(entry));
        uint256 samples = statements[entry.epoch][entry.worker].samples;
        return uint256(keccak256(abi.encode(blockhash(entry.drawBlock), challenger))) % samples;
    }
}
