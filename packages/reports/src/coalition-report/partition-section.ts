import type { CoalitionPartition } from "@sheaf/measure";
import type { PictureSpec } from "../charts/picture-spec.ts";
import { formatCount } from "../page/format.ts";
import { type ReportSection, tablePart } from "../page/report-part.ts";
import { numeric, type TextTable } from "../page/text-table.ts";
import { blockPicture } from "./block-picture.ts";
import { type CoalitionView, sizesText } from "./coalition-view.ts";
import { planePicture } from "./plane-picture.ts";
import { formatGain, formatUtility } from "./utility-format.ts";

/** Who was with whom, before and after, and what each coalition has. */
export function partitionSection(view: CoalitionView): ReportSection {
  const { start, final } = view.record.formation;
  return {
    id: "coalitions",
    title: "Coalitions",
    lead: "Who began with whom, and who ended with whom. Colours are those of the final coalitions in both pictures; a miner that ends alone is grey.",
    parts: [
      {
        kind: "pictures",
        pictures: [
          pictureOf(view, start.partition, "partition-before", "Before"),
          pictureOf(view, final, "partition-after", "After"),
        ],
      },
      ...tablePart(coalitionTable(view)),
    ],
  };
}

function pictureOf(
  view: CoalitionView,
  partition: CoalitionPartition,
  id: string,
  title: string,
): PictureSpec {
  const { players, workers } = view.record;
  const sizes = `Coalitions by size: ${sizesText(partition)}.`;
  const isPlaced = players.every(({ position }) => position !== null);
  const links =
    workers.length === 0 || players.length > 150
      ? ""
      : " Small dots are workers, larger with more samples; lines lead to the miners that picked them.";
  const description = isPlaced
    ? `Miners in the plane, an outline around each coalition of several.${links} ${sizes}`
    : `Each tile is a player, each frame a coalition of several. ${sizes}`;
  const head = { id, title, description };
  return planePicture(view, partition, head) ?? blockPicture(view, partition, head);
}

function coalitionTable(view: CoalitionView): TextTable {
  const { record, analysis, group, name } = view;
  const best = analysis.formation.best.members.join();
  const over = (members: readonly number[], values: readonly number[]): number =>
    members.reduce((sum, player) => sum + (values[player] as number), 0);
  return {
    caption: `Final coalitions${record.model.utilityUnit === "" ? "" : ` (utilities in ${record.model.utilityUnit})`}`,
    columns: [
      { title: "Coalition" },
      ...numeric("Size", "Sum of utilities", "Mean gain over alone"),
      { title: "Members" },
    ],
    rows: record.formation.final.map((members) => [
      members.join() === best ? `${name(members)} (largest sum)` : name(members),
      formatCount(members.length),
      formatUtility(over(members, record.utilities.final)),
      formatGain(over(members, analysis.formation.gains) / members.length),
      group(members),
    ]),
  };
}
