import type { CoalitionPartition } from "@sheaf/measure";
import type { PictureSpec, Point, Shape } from "../charts/picture-spec.ts";
import type { CoalitionView } from "./coalition-view.ts";
import { hullAround } from "./hull.ts";

/** The picture's width, and what is left free around the places, in its units. */
const frame = { width: 560, margin: 34 };

/** More miners than this are drawn small, without names; more than the second, without their workers. */
const most = { named: 40, linked: 150 };

/** Miners and workers in the plane and the coalitions around them; `null` where somebody has no place. */
export function planePicture(
  view: CoalitionView,
  partition: CoalitionPartition,
  head: { readonly id: string; readonly title: string; readonly description: string },
): PictureSpec | null {
  const { players, workers } = view.record;
  const places = players.flatMap(({ position }) => (position === null ? [] : [position]));
  if (places.length < players.length) return null;
  const isLinked = players.length <= most.linked;
  const sites = isLinked ? workers.flatMap(({ position }) => (position === null ? [] : [position])) : [];
  const { toPicture, height } = projection([...places, ...sites]);
  const at = places.map(toPicture);
  const radius = players.length <= most.named ? 11 : Math.max(2, 70 / Math.sqrt(players.length));
  return {
    ...head,
    width: frame.width,
    height,
    shapes: [
      ...partition.flatMap((members): Shape[] =>
        members.length < 2
          ? []
          : [
              {
                kind: "region",
                points: hullAround(
                  members.map((player) => at[player] as Point),
                  radius + 7,
                ),
                color: view.color(members[0] as number),
              },
            ],
      ),
      ...(isLinked ? workerShapes(view, at, toPicture) : []),
      ...at.map((point, player): Shape => ({ kind: "disc", at: point, radius, color: view.color(player) })),
      ...(players.length <= most.named ? at.map((point, player) => nameOf(view, player, point)) : []),
    ],
  };
}

/** Kilometres to the picture's units: as large as fits, y upwards. */
function projection(places: readonly Point[]): {
  readonly toPicture: (place: Point) => Point;
  readonly height: number;
} {
  const [xs, ys] = [places.map(([x]) => x), places.map(([, y]) => y)];
  const span = (values: readonly number[]): readonly [number, number] => [
    values.reduce((a, b) => Math.min(a, b)),
    values.reduce((a, b) => Math.max(a, b)),
  ];
  const [[left, right], [bottom, top]] = [span(xs), span(ys)];
  const room = frame.width - 2 * frame.margin;
  const scale = room / Math.max(right - left, (top - bottom) / 1.1, 1e-9);
  const indent = (room - (right - left) * scale) / 2;
  return {
    toPicture: ([x, y]) => [frame.margin + indent + (x - left) * scale, frame.margin + (top - y) * scale],
    height: 2 * frame.margin + (top - bottom) * scale,
  };
}

/** Workers, larger the more samples they have, and a line to each miner that picked them. */
function workerShapes(
  { record, color }: CoalitionView,
  at: readonly Point[],
  toPicture: (place: Point) => Point,
): readonly Shape[] {
  const most = record.workers.reduce((max, { samples }) => Math.max(max, samples), 1);
  const sites = new Map(
    record.workers.flatMap(({ id, position }) =>
      position === null ? [] : [[id, toPicture(position)] as const],
    ),
  );
  const lines = record.players.flatMap(({ workers }, player) =>
    workers.flatMap((id): Shape[] => {
      const site = sites.get(id);
      return site === undefined
        ? []
        : [{ kind: "line", from: at[player] as Point, to: site, color: color(player) }];
    }),
  );
  const dots = record.workers.flatMap(({ id, samples }): Shape[] => {
    const site = sites.get(id);
    return site === undefined
      ? []
      : [{ kind: "disc", at: site, radius: 2.2 + 2.2 * Math.sqrt(samples / most), color: "muted" }];
  });
  return [...lines, ...dots];
}

/** The end of an id, which tells one from the other and fits a disc: "12" of "miner-12". */
function nameOf({ id }: CoalitionView, player: number, at: Point): Shape {
  const whole = id(player);
  const short = whole.match(/\d{1,3}$/)?.[0] ?? whole.slice(-2);
  return { kind: "label", at, text: short, color: "ground", size: short.length > 2 ? 9 : 11, weight: 600 };
}
