// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Whom the node calls as before the transactions of a block [AWARD.1].
address constant systemAddress = 0xffffFFFfFFffffffffffffffFfFFFfffFFFfFFfE;

// Bounds.
uint256 constant maxMiners = 100;
uint256 constant maxWorkersOfMiner = 32;
uint256 constant maxSamples = 2 ** 32;
uint32 constant maxGivenEvidence = 100;
// Weights of proposers are below 2^48.
uint256 constant weightScale = 2 ** 48 - 1;
// [CHALLENGE.6] The challenger gets one part of a fine in so many.
uint256 constant fineDivisor = 4;

/// [AWARD.4] How members share what their coalition gets. The order is that of the numbers on chain.
enum Split {
    Proportional,
    Equal
}

/// Two slots.
struct Miner {
    address account;
    /// Its coalition in the next epoch.
    uint64 coalition;
    /// Index in the list of miners, plus one; 0 when it is not registered.
    uint32 place;
    /// Rises with each change of its coalition, so that each consent counts once.
    uint64 nonce;
    /// It is suspended in epochs before this one.
    uint64 suspendedUntil;
}

/// One slot.
struct Worker {
    uint32 good;
    uint32 bad;
    /// The first epoch in which it may no longer sign; 0 for an address that was never registered.
    uint64 endsAt;
}

/// A worker as the authority brings it.
struct Registration {
    address account;
    uint32 good;
    uint32 bad;
}

/// What a worker said in an epoch. Two slots.
struct Statement {
    bytes32 root;
    /// 0 if there is none.
    uint40 samples;
    /// In basis points, as it stood when the statement was first recorded.
    uint16 reputationBps;
    /// Order of recording among the statements of the epoch, from 0.
    uint16 index;
    /// A leaf was shown.
    bool proved;
    /// A leaf was not shown.
    bool failed;
    /// The worker signed another one, too.
    bool equivocated;
}

/// What a miner recorded in an epoch.
struct Recording {
    /// Challenges that are open.
    uint32 open;
    /// A challenge was upheld.
    bool void_;
    /// Of the statements.
    uint16[] indices;
}

/// A statement as a miner brings it.
struct Contribution {
    address worker;
    uint64 samples;
    bytes32 root;
    /// r, s, v: 65 bytes.
    bytes signature;
}

/// Of an epoch that has begun. One slot.
struct Epoch {
    bool begun;
    /// What a block pays to a coalition that has a value, in wei.
    uint96 rewardWei;
    /// Sum of the values of all coalitions.
    uint72 valueSum;
    /// [SENSE.9]
    uint72 normaliser;
}

/// A miner in an epoch that has begun. Two slots.
struct Seat {
    /// 0 if the miner had no seat.
    uint64 coalition;
    uint48 weight;
    /// What it gets of each block that its coalition wins, in wei.
    uint96 partWei;
    /// Its coalition has a value.
    bool valued;
    /// A challenge was upheld: what it has won in this epoch is not paid.
    bool forfeited;
    bool withdrawn;
    /// What it gets of blocks that the pool could not pay in full, in wei.
    uint96 extraWei;
}

/// A coalition in an epoch. One slot.
struct Tally {
    uint32 won;
    uint32 paidInFull;
    /// Parts of members that forfeited, of each block.
    uint96 withheldWei;
}

/// The open challenge of a challenger. Two slots.
struct Challenge {
    /// Of the contribution.
    uint64 epoch;
    /// The hash of this block draws the leaf; 0 if no challenge is open.
    uint64 drawBlock;
    /// Number of the accused miner.
    uint32 accused;
    address worker;
}
