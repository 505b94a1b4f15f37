// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// What miners and workers sign: typed data of EIP-712, under the name "Sheaf coalitions", version "1", bound to the chain
/// and to this contract.
library Signatures {
    bytes32 private constant domainType =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant consentType = keccak256("Consent(address[] members,uint256 epoch,uint256 nonce)");
    bytes32 private constant statementType = keccak256("Statement(uint256 epoch,uint256 samples,bytes32 root)");

    /// [COALITION.4]
    function consentHash(address[] calldata members, uint256 epoch, uint256 nonce) internal pure returns (bytes32) {
        return keccak256(abi.encode(consentType, keccak256(abi.encodePacked(members)), epoch, nonce));
    }

    /// [SENSE.2]
    function statementHash(uint256 epoch, uint256 samples, bytes32 root) internal pure returns (bytes32) {
        return keccak256(abi.encode(statementType, epoch, samples, root));
    }

    /// Whether `signer`, which is not zero, signed the data of this hash. `signature`: r, s, v.
    function isBy(address signer, bytes32 dataHash, bytes calldata signature) internal view returns (bool) {
        if (signature.length != 65) return false;
        bytes32 domain = keccak256(
            abi.encode(domainType, keccak256("Sheaf coalitions"), keccak256("1"), block.chainid, address(this))
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domain, dataHash));
        bytes32 r = bytes32(signature[0:32]);
        bytes32 s = bytes32(signature[32:64]);
        return ecrecover(digest, uint8(signature[64]), r, s) == signer;
    }
}
