// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BitCounters} from "./BitCounters.sol";
import {MarketBase} from "./MarketBase.sol";
import {
    analystRole, Job, leastOwners, maxAnalysts, maxOpenings, ownerRole, Party, Round, State
} from "./MarketTypes.sol";

/// From the selection to the delivery: rounds, take-overs, owners that leave.
abstract contract Training is MarketBase {
    using BitCounters for uint256;
    using BitCounters for uint256[];

    event RoundOpened(
        uint256 indexed job,
        uint32 indexed round,
        uint32 attempt,
        bytes32 stateHash,
        bytes32 keysRoot,
        uint256 cohortBitmap
    );
    event RoundClosed(
        uint256 indexed job,
        uint32 indexed round,
        uint256 survivorBitmap,
        bytes32[] updateHashes,
        bytes32 aggregateHash,
        bytes32 nextStateHash
    );
    event TookOver(uint256 indexed job, address indexed analyst, address indexed previous);
    event Left(uint256 indexed job, address indexed owner);
    event Delivered(uint256 indexed job, bytes32 stateHash, uint256[] weights);

    error WrongRound(uint32 expected);
    error WrongStateHash(bytes32 expected);
    error TooManyOpenings();
    error TooFewMembers();
    /// The bitmap has owners that are not there, left, or lost their licence.
    error BadCohort();
    /// The bitmap has owners that are not of the cohort.
    error BadSurvivors();
    error NotOpened();
    error WrongHashCount(uint256 expected);
    error AlreadyHeld();
    error TooManyAnalysts();
    error AlreadyLeft();
    error TooFewRounds(uint32 expected);
    error WrongWeightCount(uint256 expected);
    error WeightTooLarge(uint256 owner);
    error WeightWithoutWork(uint256 owner);

    /// [MARKET.10] Opens the round after the last closed one, or opens it again: the earlier opening is then void.
    function openRound(uint256 id, uint32 round, bytes32 stateHash, bytes32 keysRoot, uint256 cohortBitmap) external {
        Job storage job = _going(id);
        uint32 closed = job.closedRounds;
        if (round != closed + 1 || round > job.terms.maxRounds) revert WrongRound(closed + 1);
        if (closed > 0 && stateHash != job.stateHash) revert WrongStateHash(job.stateHash);
        if (job.openingsLeft == 0) revert TooManyOpenings();
        _checkCohort(id, job, cohortBitmap);
        Round storage entry = roundsOf[id][round];
        entry.analyst = msg.sender;
        entry.openedBlock = uint64(block.number);
        entry.stateHash = stateHash;
        entry.keysRoot = keysRoot;
        entry.cohort = cohortBitmap;
        --job.openingsLeft; // [MARKET.12]
        _restart(job, job.terms.roundSeconds);
        emit RoundOpened(id, round, ++entry.attempt, stateHash, keysRoot, cohortBitmap);
    }

    /// [MARKET.11] One update hash a survivor, in the order of the bitmap.
    function closeRound(
        uint256 id,
        uint32 round,
        uint256 survivorBitmap,
        bytes32[] calldata updateHashes,
        bytes32 aggregateHash,
        bytes32 nextStateHash
    ) external {
        Job storage job = _going(id);
        if (round != job.closedRounds + 1) revert WrongRound(job.closedRounds + 1);
        Round storage entry = roundsOf[id][round];
        if (entry.analyst != msg.sender) revert NotOpened();
        if (survivorBitmap & ~entry.cohort != 0) revert BadSurvivors();
        uint256 survivors = survivorBitmap.size();
        if (survivors < leastOwners) revert TooFewMembers();
        if (updateHashes.length != survivors) revert WrongHashCount(survivors);
        entry.survivors = survivorBitmap;
        entry.aggregateHash = aggregateHash;
        entry.nextStateHash = nextStateHash;
        survivals[id].add(survivorBitmap);
        ++parties[id][msg.sender].closedRounds;
        job.closedRounds = round;
        job.stateHash = nextStateHash;
        job.openingsLeft = maxOpenings;
        _restart(job, job.terms.roundSeconds);
        emit RoundClosed(id, round, survivorBitmap, updateHashes, aggregateHash, nextStateHash);
    }

    /// [MARKET.14] Another analyst goes on where the last one stopped. It opens the round again.
    function takeOver(uint256 id) external {
        Job storage job = _inState(id, State.Training);
        _requireBefore(_lastMoment(job));
        address previous = job.analyst;
        if (block.timestamp <= job.deadline && licences.isLicensed(previous, analystRole)) {
            revert TooEarly(job.deadline);
        }
        _requireLicensed(msg.sender, analystRole);
        Party storage party = parties[id][msg.sender];
        if (party.held) revert AlreadyHeld();
        if (msg.sender == job.consumer || party.ownerNumber != 0) revert PartyConflict(msg.sender);
        if (analysts[id].length == maxAnalysts) revert TooManyAnalysts();
        party.held = true;
        analysts[id].push(msg.sender);
        job.analyst = msg.sender;
        job.openingsLeft = maxOpenings;
        _restart(job, job.terms.roundSeconds);
        emit TookOver(id, msg.sender, previous);
    }

    /// [MARKET.15] The caller is in no later cohort. The rounds that it survived are paid.
    function leaveJob(uint256 id) external {
        Job storage job = _inState(id, State.Training);
        uint16 number = parties[id][msg.sender].ownerNumber;
        if (number == 0) revert NotOwner();
        uint256 bit = uint256(1) << (number - 1);
        if (job.left & bit != 0) revert AlreadyLeft();
        job.left |= bit;
        emit Left(id, msg.sender);
    }

    /// [MARKET.16] `weights`: the contribution of each selected owner, of any scale, below 2^64.
    function deliver(uint256 id, bytes32 stateHash, uint256[] calldata weights) external {
        Job storage job = _going(id);
        if (job.closedRounds < job.terms.minRounds) revert TooFewRounds(job.terms.minRounds);
        if (stateHash != job.stateHash) revert WrongStateHash(job.stateHash);
        uint256 count = selectedOwners[id].length;
        if (weights.length != count) revert WrongWeightCount(count);
        uint256[] memory rounds = survivals[id].read(count);
        uint64[] memory kept = new uint64[](count);
        for (uint256 i = 0; i < count; ++i) {
            if (weights[i] > type(uint64).max) revert WeightTooLarge(i);
            if (weights[i] > 0 && rounds[i] == 0) revert WeightWithoutWork(i);
            kept[i] = uint64(weights[i]);
        }
        weightsOf[id] = kept;
        job.delivered = true;
        _enter(job, State.Delivered, job.terms.disputeSeconds);
        emit Delivered(id, stateHash, weights);
    }

    /// [MARKET.13] After it, training can only be stopped.
    function _lastMoment(Job storage job) internal view returns (uint64) {
        return job.deadline + job.terms.resumeSeconds;
    }

    /// [MARKET.17] Too few owners have neither left nor lost their licence.
    function _tooFewOwners(uint256 id, Job storage job) internal view returns (bool) {
        uint256 bits = BitCounters.firstBits(selectedOwners[id].length) & ~job.left;
        return _licensedOwners(id, bits) < job.terms.minOwners;
    }

    /// [MARKET.13] The analyst may go on after the deadline, as long as nobody has taken over.
    function _going(uint256 id) private view returns (Job storage job) {
        job = _inState(id, State.Training);
        _requireBefore(_lastMoment(job));
        _requireAnalyst(job, analystRole);
    }

    function _checkCohort(uint256 id, Job storage job, uint256 bits) private view {
        if (bits & ~(BitCounters.firstBits(selectedOwners[id].length) & ~job.left) != 0) revert BadCohort();
        uint256 count = bits.size();
        if (count < leastOwners) revert TooFewMembers();
        if (_licensedOwners(id, bits) != count) revert BadCohort();
    }

    function _licensedOwners(uint256 id, uint256 bits) private view returns (uint256) {
        address[] storage owners = selectedOwners[id];
        address[] memory members = new address[](bits.size());
        uint256 index = 0;
        for (uint256 k = 0; k < members.length; ++index) {
            if ((bits >> index) & 1 == 1) members[k++] = owners[index];
        }
        return _countLicensed(members, ownerRole);
    }
}
