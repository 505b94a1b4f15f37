// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LargestRemainder} from "../market/LargestRemainder.sol";
import {CoalitionBase} from "./CoalitionBase.sol";
import {Miner, Split, weightScale} from "./CoalitionTypes.sol";
import {DataValue} from "./DataValue.sol";

/// What coalitions are worth in an epoch: a function of what was recorded in the epoch before.
abstract contract Valuation is CoalitionBase {
    /// By place in the list of miners.
    struct Draft {
        uint32[] miners;
        uint64[] coalitions;
        /// Place of the first member of the miner's coalition: what belongs to the coalition is there.
        uint256[] first;
        /// Data of the miner's own workers: samples times basis points.
        uint256[] own;
        /// The miner's claim on what its coalition gets, and the sum of the claims.
        uint256[] claims;
        uint256[] claimSums;
        /// Data of the distinct workers of a coalition, and its value.
        uint256[] joint;
        uint256[] values;
        uint256 valueSum;
        uint256 normaliser;
        uint256 rewardWei;
    }

    /// The next epoch, or a later one if nothing happened until then.
    function _draft(uint256 epoch) internal view returns (Draft memory draft) {
        uint256 count = listed.length;
        draft.miners = listed;
        draft.coalitions = new uint64[](count);
        draft.first = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            draft.coalitions[i] = miners[draft.miners[i]].coalition;
            uint256 first = 0;
            while (draft.coalitions[first] != draft.coalitions[i]) ++first;
            draft.first[i] = first;
        }
        draft.own = new uint256[](count);
        draft.claims = new uint256[](count);
        draft.claimSums = new uint256[](count);
        draft.joint = new uint256[](count);
        draft.values = new uint256[](count);
        if (epoch == 0 || dataOf[epoch - 1].length == 0) return draft;
        _gather(epoch, draft);
        _value(draft);
    }

    /// [SENSE.8] The data of each miner, and of each coalition without what several members have. A miner that is suspended
    /// has none.
    function _gather(uint256 epoch, Draft memory draft) private view {
        unchecked {
            uint64[] memory data = dataOf[epoch - 1];
            uint256[][] memory seen = new uint256[][](draft.miners.length);
            for (uint256 i = 0; i < draft.miners.length; ++i) {
                uint256 first = draft.first[i];
                if (first == i) seen[i] = new uint256[](data.length / 256 + 1);
                Miner storage miner = miners[draft.miners[i]];
                if (epoch < miner.suspendedUntil) continue;
                uint16[] memory indices = recordings[epoch - 1][draft.miners[i]].indices;
                uint256 own = 0;
                uint256 added = 0;
                uint256[] memory bits = seen[first];
                for (uint256 k = 0; k < indices.length; ++k) {
                    uint256 index = indices[k];
                    own += data[index];
                    uint256 bit = 1 << (index & 255);
                    if (bits[index >> 8] & bit != 0) continue;
                    bits[index >> 8] |= bit;
                    added += data[index];
                }
                draft.own[i] = own;
                draft.joint[first] += added;
                draft.claims[i] = split == Split.Equal ? 1 : own;
                draft.claimSums[first] += draft.claims[i];
            }
        }
    }

    /// [SENSE.9] [AWARD.3] Values, their sum and what it is measured by, and the reward of a block.
    function _value(Draft memory draft) private view {
        unchecked {
            uint256 count = draft.miners.length;
            uint256 quarters = synergyQuarters;
            uint256 total = 0;
            for (uint256 i = 0; i < count; ++i) total += draft.own[i];
            if (total == 0) return;
            uint256 ownSum = 0;
            for (uint256 i = 0; i < count; ++i) {
                ownSum += DataValue.valueOf(draft.own[i], total, quarters);
                draft.values[i] = DataValue.valueOf(draft.joint[i], total, quarters);
                draft.valueSum += draft.values[i];
            }
            uint256 united = DataValue.valueOf(total, total, quarters);
            draft.normaliser = united > ownSum ? united : ownSum;
            uint256 counted = draft.valueSum < draft.normaliser ? draft.valueSum : draft.normaliser;
            draft.rewardWei = rewardPerBlockWei * counted / draft.normaliser;
        }
    }

    /// [SENSE.10] What the miner at this place of the list proposes in proportion to.
    function _weight(Draft memory draft, uint256 i) internal pure returns (uint256) {
        unchecked {
            uint256 first = draft.first[i];
            uint256 value = draft.values[first];
            return value == 0
                ? 0
                : value * draft.claims[i] * weightScale / (draft.claimSums[first] * draft.valueSum);
        }
    }

    /// [AWARD.4] What each miner gets of a block that its coalition wins, in wei.
    function _parts(Draft memory draft) internal pure returns (uint256[] memory parts) {
        unchecked {
            uint256 count = draft.miners.length;
            parts = new uint256[](count);
            for (uint256 first = 0; first < count; ++first) {
                if (draft.values[first] == 0) continue;
                uint256[] memory places = _membersOf(draft, first);
                uint256[] memory claims = new uint256[](places.length);
                for (uint256 k = 0; k < places.length; ++k) claims[k] = draft.claims[places[k]];
                uint256[] memory shared = LargestRemainder.split(draft.rewardWei, claims);
                for (uint256 k = 0; k < places.length; ++k) parts[places[k]] = shared[k];
            }
        }
    }

    /// Places of the members of the coalition whose first is at this place.
    function _membersOf(Draft memory draft, uint256 first) private pure returns (uint256[] memory places) {
        unchecked {
            uint256 size = 0;
            for (uint256 i = first; i < draft.first.length; ++i) if (draft.first[i] == first) ++size;
            places = new uint256[](size);
            uint256 k = 0;
            for (uint256 i = first; k < size; ++i) if (draft.first[i] == first) places[k++] = i;
        }
    }
}
