// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CoalitionBase} from "./CoalitionBase.sol";
import {
    Contribution,
    maxGivenEvidence,
    maxSamples,
    maxWorkersOfMiner,
    Recording,
    Registration,
    Statement,
    Worker
} from "./CoalitionTypes.sol";
import {Signatures} from "./Signatures.sol";

/// Who senses, how far it is trusted, and which data miners have of whom.
abstract contract Sensing is CoalitionBase {
    event WorkerRegistered(address indexed worker, uint32 good, uint32 bad);
    event WorkerRevoked(address indexed worker, uint256 fromEpoch);
    event Contributed(
        uint256 indexed epoch,
        address indexed miner,
        address indexed worker,
        uint64 samples,
        bytes32 root,
        uint16 reputationBps
    );
    event EvidenceChanged(address indexed worker, uint32 good, uint32 bad);
    event Equivocated(uint256 indexed epoch, address indexed worker, uint64 samples, bytes32 root, bytes signature);

    error NoWorker();
    error WorkerAlreadyRegistered(address account);
    error TooMuchEvidence();
    error NotWorker(address account);
    error NoSignature(address worker);
    error WrongSampleCount(uint64 samples);
    error TooManyWorkers();
    error AlreadyRecorded(address worker);
    /// The worker signed another statement, which was recorded first: `reportEquivocation` takes both.
    error Equivocation(address worker);
    error SameStatement();
    error AlreadyReported();

    /// [SENSE.1] What is known of a worker that was registered before is kept; what is given is added.
    function registerWorkers(Registration[] calldata items) external onlyAuthority {
        _begin();
        for (uint256 i = 0; i < items.length; ++i) _register(items[i]);
    }

    /// [SENSE.1] From the next epoch on, nothing that it signs is recorded.
    function revokeWorker(address account) external onlyAuthority {
        uint64 epoch = _begin();
        if (workers[account].endsAt != type(uint64).max) revert NotWorker(account);
        workers[account].endsAt = epoch + 1;
        emit WorkerRevoked(account, epoch + 1);
    }

    /// [SENSE.3] Records statements of this epoch, for the weights of the next.
    function contribute(Contribution[] calldata items) external {
        uint64 epoch = _begin();
        uint256 miner = _active(msg.sender, epoch + 1);
        Recording storage recording = recordings[epoch][miner];
        if (recording.indices.length + items.length > maxWorkersOfMiner) revert TooManyWorkers();
        for (uint256 i = 0; i < items.length; ++i) _record(epoch, recording, items[i]);
    }

    /// [SENSE.5] By a miner that has a statement of this worker other than the recorded one.
    function reportEquivocation(uint64 epoch, Contribution calldata other) external {
        _begin();
        _registered(msg.sender);
        Statement storage statement = statements[epoch][other.worker];
        if (statement.samples == 0) revert NotRecorded();
        if (_isSame(statement, other)) revert SameStatement();
        if (statement.equivocated) revert AlreadyReported();
        _requireSigned(epoch, other);
        statement.equivocated = true;
        emit Equivocated(epoch, other.worker, other.samples, other.root, other.signature);
        _observe(other.worker, false);
    }

    /// [SENSE.6] Trust of an opinion with base rate 1/2, rounded down: a bad event weighs as much as two good ones.
    function reputationBps(uint256 good, uint256 bad) public pure returns (uint16) {
        return uint16(10_000 * (good + 1) / (good + 2 * bad + 2));
    }

    /// One more event that went well or badly, from the next statement on.
    function _observe(address account, bool good) internal {
        Worker storage worker = workers[account];
        if (good) ++worker.good;
        else ++worker.bad;
        emit EvidenceChanged(account, worker.good, worker.bad);
    }

    function _register(Registration calldata item) private {
        if (item.account == address(0)) revert NoWorker();
        if (item.good > maxGivenEvidence || item.bad > maxGivenEvidence) revert TooMuchEvidence();
        Worker storage worker = workers[item.account];
        if (worker.endsAt == type(uint64).max) revert WorkerAlreadyRegistered(item.account);
        worker.endsAt = type(uint64).max;
        worker.good += item.good;
        worker.bad += item.bad;
        emit WorkerRegistered(item.account, worker.good, worker.bad);
    }

    /// [SENSE.4] The first statement of a worker in an epoch is fixed, with the reputation that it has then.
    function _record(uint64 epoch, Recording storage recording, Contribution calldata item) private {
        Worker storage worker = workers[item.worker];
        if (worker.endsAt <= epoch) revert NotWorker(item.worker);
        if (item.samples == 0 || item.samples > maxSamples) revert WrongSampleCount(item.samples);
        _requireSigned(epoch, item);
        Statement storage statement = statements[epoch][item.worker];
        if (statement.samples == 0) {
            uint64[] storage data = dataOf[epoch];
            uint16 reputation = reputationBps(worker.good, worker.bad);
            statement.root = item.root;
            statement.samples = uint40(item.samples);
            statement.reputationBps = reputation;
            statement.index = uint16(data.length);
            data.push(item.samples * reputation);
        } else {
            if (!_isSame(statement, item)) revert Equivocation(item.worker);
            if (_holds(recording, statement.index)) revert AlreadyRecorded(item.worker);
        }
        recording.indices.push(statement.index);
        emit Contributed(epoch, msg.sender, item.worker, item.samples, item.root, statement.reputationBps);
    }

    function _requireSigned(uint64 epoch, Contribution calldata item) private view {
        bytes32 hash = Signatures.statementHash(epoch, item.samples, item.root);
        if (!Signatures.isBy(item.worker, hash, item.signature)) revert NoSignature(item.worker);
    }

    function _isSame(Statement storage statement, Contribution calldata other) private view returns (bool) {
        return statement.samples == other.samples && statement.root == other.root;
    }
}
