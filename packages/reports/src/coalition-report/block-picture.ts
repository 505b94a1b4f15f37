import type { CoalitionPartition } from "@sheaf/measure";
import type { PictureSpec, Shape } from "../charts/picture-spec.ts";
import type { CoalitionView } from "./coalition-view.ts";

const width = 560;

/** A partition as blocks of tiles, one tile a player: for games without places. */
export function blockPicture(
  view: CoalitionView,
  partition: CoalitionPartition,
  head: { readonly id: string; readonly title: string; readonly description: string },
): PictureSpec {
  const isNamed = view.record.players.length <= 40;
  const cell = isNamed ? 44 : Math.max(7, Math.min(24, 340 / Math.sqrt(view.record.players.length)));
  const pad = cell / 7;
  const perRow = Math.floor((width - 2 * pad) / cell);
  const shapes: Shape[] = [];
  let [x, y, rowHeight] = [pad, pad, 0];
  for (const members of partition) {
    const across = Math.min(members.length, perRow, Math.max(4, Math.ceil(Math.sqrt(members.length))));
    const size = {
      width: across * cell + pad,
      height: Math.ceil(members.length / across) * cell + pad,
    };
    if (x > pad && x + size.width > width) [x, y, rowHeight] = [pad, y + rowHeight + 2 * pad, 0];
    if (members.length > 1) shapes.push(outline(x, y, size, view.color(members[0] as number)));
    for (const [i, player] of members.entries()) {
      const at = [x + pad + (i % across) * cell, y + pad + Math.floor(i / across) * cell] as const;
      const side = cell - pad;
      shapes.push({ kind: "tile", at, width: side, height: side, color: view.color(player) });
      if (isNamed) shapes.push(tileName(view.id(player), at, side));
    }
    x += size.width + 2 * pad;
    rowHeight = Math.max(rowHeight, size.height);
  }
  return { ...head, width, height: y + rowHeight + pad, shapes };
}

function tileName(id: string, [x, y]: readonly [number, number], side: number): Shape {
  const text = id.length <= 6 ? id : id.slice(-5);
  const size = text.length <= 3 ? 13 : 10;
  return { kind: "label", at: [x + side / 2, y + side / 2], text, color: "ground", size, weight: 600 };
}

function outline(
  x: number,
  y: number,
  size: { readonly width: number; readonly height: number },
  color: Shape["color"],
): Shape {
  const [right, bottom] = [x + size.width, y + size.height];
  return {
    kind: "region",
    points: [
      [x, y],
      [right, y],
      [right, bottom],
      [x, bottom],
    ],
    color,
  };
}
