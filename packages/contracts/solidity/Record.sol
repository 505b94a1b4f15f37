// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Tally} from "./Tally.sol";

/// Readings of IoT devices. The value stays with the device; its hash is kept here.
contract Record {
    /// Two slots. `timestamp` is the device's own, in milliseconds since 1970; the meaning of `kind` is the application's.
    struct Reading {
        bytes32 valueHash;
        address reporter;
        uint64 timestamp;
        uint32 kind;
    }

    event Recorded(
        bytes32 indexed device,
        uint32 indexed kind,
        address indexed reporter,
        uint64 index,
        bytes32 valueHash,
        uint64 timestamp
    );

    error NoSuchReading(bytes32 device, uint256 index);

    /// All readings of all devices.
    Tally public total;
    /// The readings of one device.
    mapping(bytes32 device => Tally) public tallyOf;
    mapping(bytes32 device => mapping(uint256 index => Reading)) private readings;

    /// Appends a reading. Its digest in the tallies is keccak256(abi.encode(device, kind, valueHash, timestamp)).
    function record(bytes32 device, uint32 kind, bytes32 valueHash, uint64 timestamp) external {
        uint64 index = tallyOf[device].count;
        bytes32 digest = keccak256(abi.encode(device, kind, valueHash, timestamp));
        tallyOf[device].add(digest);
        total.add(digest);
        readings[device][index] = Reading(valueHash, msg.sender, timestamp, kind);
        emit Recorded(device, kind, msg.sender, index, valueHash, timestamp);
    }

    /// Reading `index` of a device, counted from 0 in the order of the chain.
    function readingOf(bytes32 device, uint256 index) external view returns (Reading memory) {
        if (index >= tallyOf[device].count) revert NoSuchReading(device, index);
        return readings[device][index];
    }

    /// Up to `limit` readings of a device from index `first`; fewer, or none, at the end.
    function readingsOf(bytes32 device, uint256 first, uint256 limit) external view returns (Reading[] memory page) {
        uint256 count = tallyOf[device].count;
        uint256 left = first < count ? count - first : 0;
        page = new Reading[](left < limit ? left : limit);
        for (uint256 i = 0; i < page.length; ++i) page[i] = readings[device][first + i];
    }

    /// Tallies in the order of `devices`.
    function talliesOf(bytes32[] calldata devices) external view returns (Tally[] memory tallies) {
        tallies = new Tally[](devices.length);
        for (uint256 i = 0; i < devices.length; ++i) tallies[i] = tallyOf[devices[i]];
    }
}
