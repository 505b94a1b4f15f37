// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILicences} from "./ILicences.sol";
import {MarketBase} from "./MarketBase.sol";
import {analystRole, Invitation, Job, maxInvitations, maxOpenings, ownerRole, Party, State} from "./MarketTypes.sol";

/// From the award to the selection of owners.
abstract contract Recruiting is MarketBase {
    event Invited(uint256 indexed job, address[] owners);
    event Joined(uint256 indexed job, address indexed owner);
    event Declined(uint256 indexed job, address indexed owner);
    event Selected(uint256 indexed job, address[] owners);

    error AlreadyInvited(address owner);
    error TooManyInvited();
    error NotInvited();
    error NotJoined(address owner);
    error AlreadySelected(address owner);
    error WrongOwnerCount(uint256 count);

    /// [MARKET.8] Only licensed owners, each once.
    function invite(uint256 id, address[] calldata owners) external {
        Job storage job = _timely(id, State.Recruiting);
        _requireAnalyst(job, analystRole);
        address[] storage list = invitedOwners[id];
        if (list.length + owners.length > maxInvitations) revert TooManyInvited();
        for (uint256 i = 0; i < owners.length; ++i) {
            address owner = owners[i];
            _requireLicensed(owner, ownerRole);
            Party storage party = parties[id][owner];
            if (owner == job.consumer || party.held) revert PartyConflict(owner);
            if (party.invitation != Invitation.None) revert AlreadyInvited(owner);
            party.invitation = Invitation.Invited;
            list.push(owner);
        }
        emit Invited(id, owners);
    }

    /// [MARKET.8]
    function join(uint256 id) external {
        _answer(id, Invitation.Joined);
        _requireLicensed(msg.sender, ownerRole);
        emit Joined(id, msg.sender);
    }

    /// [MARKET.8]
    function decline(uint256 id) external {
        _answer(id, Invitation.Declined);
        emit Declined(id, msg.sender);
    }

    /// [MARKET.9] Training begins with these owners; their order gives each its bit in the bitmaps.
    function select(uint256 id, address[] calldata owners) external {
        Job storage job = _timely(id, State.Recruiting);
        _requireAnalyst(job, analystRole);
        if (owners.length < job.terms.minOwners || owners.length > job.terms.maxOwners) {
            revert WrongOwnerCount(owners.length);
        }
        for (uint256 i = 0; i < owners.length; ++i) {
            address owner = owners[i];
            Party storage party = parties[id][owner];
            if (party.invitation != Invitation.Joined) revert NotJoined(owner);
            if (party.ownerNumber != 0) revert AlreadySelected(owner);
            _requireLicensed(owner, ownerRole);
            party.ownerNumber = uint16(i + 1);
        }
        selectedOwners[id] = owners;
        job.openingsLeft = maxOpenings;
        _enter(job, State.Training, job.terms.roundSeconds);
        emit Selected(id, owners);
    }

    /// An invitation is answered once.
    function _answer(uint256 id, Invitation answer) private {
        _timely(id, State.Recruiting);
        Party storage party = parties[id][msg.sender];
        if (party.invitation != Invitation.Invited) revert NotInvited();
        party.invitation = answer;
    }
}
