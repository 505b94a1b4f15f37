// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILicences} from "./ILicences.sol";

/// What the market says of the parties of a job.
interface IParties {
    function raterRole(uint256 job, address rater, address subject) external view returns (uint8);
}

/// What parties of finished jobs say of each other: rows of facts. The formula that makes a reputation of them is off chain.
contract Reputation {
    /// Two slots.
    struct Row {
        address rater;
        uint64 job;
        uint32 positive;
        address subject;
        uint32 negative;
        uint32 uncertain;
        uint32 blockNumber;
    }

    struct Rating {
        uint64 index;
        uint64 job;
        address rater;
        address subject;
        uint32 positive;
        uint32 negative;
        uint32 uncertain;
        uint64 blockNumber;
    }

    event Bound(address market);
    event Rated(
        uint256 indexed index,
        uint256 indexed job,
        address indexed subject,
        address rater,
        uint32 positive,
        uint32 negative,
        uint32 uncertain,
        uint64 blockNumber
    );

    error AlreadyBound();
    error NotBound();
    error ZeroMarket();
    error MayNotRate();
    error AlreadyRated();
    error EmptyRating();

    ILicences public licences;
    IParties public market;
    Row[] private rows;
    mapping(bytes32 jobRaterSubject => bool) private rated;

    constructor(ILicences register) {
        licences = register;
    }

    /// [RATING.2] Once, by the authority: the market whose jobs are rated here.
    function bind(IParties to) external {
        if (msg.sender != licences.authority()) revert ILicences.NotAuthority();
        if (address(market) != address(0)) revert AlreadyBound();
        if (address(to) == address(0)) revert ZeroMarket();
        market = to;
        emit Bound(address(to));
    }

    /// [RATING.1] Numbers of events that went well, badly, or cannot be told. Once for a job, rater and subject.
    function rate(uint256 job, address subject, uint32 positive, uint32 negative, uint32 uncertain) external {
        if (address(market) == address(0)) revert NotBound();
        uint8 role = market.raterRole(job, msg.sender, subject);
        if (role == 0) revert MayNotRate();
        if (!licences.isLicensed(msg.sender, role)) revert ILicences.NotLicensed(msg.sender, role);
        if (positive == 0 && negative == 0 && uncertain == 0) revert EmptyRating();
        bytes32 key = keccak256(abi.encode(job, msg.sender, subject));
        if (rated[key]) revert AlreadyRated();
        rated[key] = true;
        emit Rated(rows.length, job, subject, msg.sender, positive, negative, uncertain, uint64(block.number));
        rows.push(
            Row(msg.sender, uint64(job), positive, subject, negative, uncertain, uint32(block.number))
        );
    }

    function ratingCount() external view returns (uint256) {
        return rows.length;
    }

    /// Up to `limit` ratings from index `offset`; fewer, or none, at the end.
    function ratings(uint256 offset, uint256 limit) external view returns (Rating[] memory page) {
        uint256 left = offset < rows.length ? rows.length - offset : 0;
        page = new Rating[](left < limit ? left : limit);
        for (uint256 i = 0; i < page.length; ++i) {
            Row storage row = rows[offset + i];
            page[i] = Rating(
                uint64(offset + i),
                row.job,
                row.rater,
                row.subject,
                row.positive,
                row.negative,
                row.uncertain,
                row.blockNumber
            );
        }
    }
}
