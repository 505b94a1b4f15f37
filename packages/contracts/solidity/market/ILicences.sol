// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// What other contracts ask of the register of licences.
interface ILicences {
    error NotAuthority();
    error NotLicensed(address account, uint8 role);

    function authority() external view returns (address);

    function isLicensed(address subject, uint8 role) external view returns (bool);

    /// How many of `subjects` have a licence for `role`.
    function countLicensed(address[] calldata subjects, uint8 role) external view returns (uint256);

    /// Serial number of the licence, rising in the order of issue; 0 without one.
    function serialOf(address subject, uint8 role) external view returns (uint64);

    /// The newest serial number.
    function lastSerial() external view returns (uint64);

    function holderCount(uint8 role) external view returns (uint256);
}
