// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILicences} from "./ILicences.sol";
import {firstRole, lastRole} from "./MarketTypes.sol";

/// Who may act in the market: licences of the consortium's authority, for roles 1 (owner), 2 (analyst), 3 (consumer).
contract Licences is ILicences {
    /// `place` is the index in the list of holders, plus one.
    struct Licence {
        uint64 serial;
        uint64 place;
    }

    event Issued(address indexed subject, uint8 indexed role, bytes32 note);
    event Revoked(address indexed subject, uint8 indexed role);
    event AuthorityOffered(address indexed candidate);
    event AuthorityChanged(address indexed previous, address indexed current);

    error NoSuchRole(uint8 role);
    error ZeroAddress();
    error AlreadyLicensed(address subject, uint8 role);

    address public authority;
    /// To whom the authority was offered; zero if to nobody.
    address public candidate;
    uint64 public lastSerial;
    mapping(uint8 role => mapping(address subject => Licence)) private licences;
    mapping(uint8 role => address[]) private holdersOf;

    modifier onlyAuthority() {
        if (msg.sender != authority) revert NotAuthority();
        _;
    }

    constructor(address firstAuthority) {
        if (firstAuthority == address(0)) revert ZeroAddress();
        authority = firstAuthority;
        emit AuthorityChanged(address(0), firstAuthority);
    }

    /// [LICENCE.1] `note` is the authority's own, e.g. the digest of a contract on paper.
    function issue(address subject, uint8 role, bytes32 note) external onlyAuthority {
        if (role < firstRole || role > lastRole) revert NoSuchRole(role);
        if (subject == address(0)) revert ZeroAddress();
        if (isLicensed(subject, role)) revert AlreadyLicensed(subject, role);
        holdersOf[role].push(subject);
        licences[role][subject] = Licence(++lastSerial, uint64(holdersOf[role].length));
        emit Issued(subject, role, note);
    }

    /// [LICENCE.2] At once. The last holder of the list takes the place that becomes free.
    function revoke(address subject, uint8 role) external onlyAuthority {
        uint64 place = licences[role][subject].place;
        if (place == 0) revert NotLicensed(subject, role);
        address[] storage list = holdersOf[role];
        address last = list[list.length - 1];
        list[place - 1] = last;
        licences[role][last].place = place;
        list.pop();
        delete licences[role][subject];
        emit Revoked(subject, role);
    }

    /// [LICENCE.3] Nothing changes before the candidate accepts; the zero address takes an offer back.
    function offerAuthority(address to) external onlyAuthority {
        candidate = to;
        emit AuthorityOffered(to);
    }

    /// [LICENCE.3]
    function acceptAuthority() external {
        if (msg.sender != candidate) revert NotAuthority();
        emit AuthorityChanged(authority, msg.sender);
        authority = msg.sender;
        candidate = address(0);
    }

    function isLicensed(address subject, uint8 role) public view returns (bool) {
        return licences[role][subject].serial != 0;
    }

    function countLicensed(address[] calldata subjects, uint8 role) external view returns (uint256 count) {
        for (uint256 i = 0; i < subjects.length; ++i) if (isLicensed(subjects[i], role)) ++count;
    }

    function serialOf(address subject, uint8 role) external view returns (uint64) {
        return licences[role][subject].serial;
    }

    function holderCount(uint8 role) external view returns (uint256) {
        return holdersOf[role].length;
    }

    /// [LICENCE.4] Up to `limit` holders from index `offset`; fewer, or none, at the end.
    function holders(uint8 role, uint256 offset, uint256 limit) external view returns (address[] memory page) {
        address[] storage list = holdersOf[role];
        uint256 left = offset < list.length ? list.length - offset : 0;
        page = new address[](left < limit ? left : limit);
        for (uint256 i = 0; i < page.length; ++i) page[i] = list[offset + i];
    }
}
