// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Roles of licences.
uint8 constant firstRole = 1;
uint8 constant ownerRole = 1;
uint8 constant analystRole = 2;
uint8 constant consumerRole = 3;
uint8 constant lastRole = 3;

// Bounds of a job.
uint256 constant maxSpecBytes = 24 * 1024;
uint256 constant maxInvitations = 1024;
uint256 constant maxAnalysts = 32;
uint64 constant maxSeconds = 366 days;
uint32 constant maxOfRounds = 65_535;
uint32 constant leastOwners = 3;
uint32 constant mostOwners = 256;
uint8 constant maxOpenings = 16;
uint256 constant bondDivisor = 20;

/// [MARKET.1] The order is that of the numbers on chain.
enum State {
    None,
    Open,
    Recruiting,
    Training,
    Delivered,
    Disputed,
    Settled,
    Refunded,
    Stopped
}

/// How a settled job was paid.
enum Outcome {
    None,
    Full,
    Partial,
    Upheld
}

/// What a credit is for.
enum CreditKind {
    None,
    Owner,
    Analyst,
    Refund,
    Bond
}

/// Who sold to whom.
enum TradeKind {
    None,
    OwnerToAnalyst,
    AnalystToConsumer
}

enum Invitation {
    None,
    Invited,
    Joined,
    Declined
}

/// The conditions of a job [MARKET.3].
struct Terms {
    uint64 offerSeconds;
    uint64 recruitSeconds;
    uint64 roundSeconds;
    uint64 resumeSeconds;
    uint64 disputeSeconds;
    uint32 minRounds;
    uint32 maxRounds;
    uint32 minOwners;
    uint32 maxOwners;
}

/// A job without its lists. Eight slots.
struct Job {
    address consumer;
    State state;
    Outcome outcome;
    /// The analyst has delivered: settlement is in full unless a dispute is upheld.
    bool delivered;
    uint64 deadline;
    address analyst;
    uint32 closedRounds;
    uint8 openingsLeft;
    uint96 price;
    uint96 fee;
    uint64 settledBlock;
    bytes32 specHash;
    /// The state after the last closed round.
    bytes32 stateHash;
    Terms terms;
    /// Bit i: owner i has left.
    uint256 left;
}

/// What an address is and did in a job. One slot.
struct Party {
    Invitation invitation;
    /// Index among the selected owners, plus one.
    uint16 ownerNumber;
    /// It holds the job as its analyst, or once did.
    bool held;
    /// Rounds that it closed.
    uint32 closedRounds;
    bool disputed;
    /// The last dispute in which it voted.
    uint32 votedIn;
    bool offered;
    uint96 fee;
}

/// A round: its opening that counts, and its closing if there was one.
struct Round {
    address analyst;
    uint32 attempt;
    uint64 openedBlock;
    bytes32 stateHash;
    bytes32 keysRoot;
    uint256 cohort;
    uint256 survivors;
    bytes32 aggregateHash;
    bytes32 nextStateHash;
}

/// The last dispute of a job. Three slots.
struct Dispute {
    address by;
    uint32 round;
    /// 1 for the first dispute of the job.
    uint32 number;
    /// Analysts that might vote when it began.
    uint32 arbiters;
    address accused;
    uint32 upheld;
    uint32 rejected;
    /// Newest licence when it began: later ones give no vote.
    uint64 lastSerial;
}

/// A payment of a settlement [PAYMENT.10].
struct Trade {
    uint64 id;
    uint64 job;
    uint8 kind;
    address seller;
    address buyer;
    uint256 amount;
    bytes32 subject;
    uint64 blockNumber;
}
