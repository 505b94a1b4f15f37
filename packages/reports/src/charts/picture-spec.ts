import type { ColorToken } from "./chart-spec.ts";

/** A place in a picture: right and down from its upper left corner, in its own units. */
export type Point = readonly [x: number, y: number];

/** `ground` is what the picture stands on, `text` what is written. */
export type PictureColor = ColorToken | "text" | "ground";

/** One form of a picture. A `region` is a closed outline, filled lightly. */
export type Shape =
  | { readonly kind: "line"; readonly from: Point; readonly to: Point; readonly color: PictureColor }
  | { readonly kind: "region"; readonly points: readonly Point[]; readonly color: PictureColor }
  | { readonly kind: "disc"; readonly at: Point; readonly radius: number; readonly color: PictureColor }
  | {
      readonly kind: "tile";
      readonly at: Point;
      readonly width: number;
      readonly height: number;
      readonly color: PictureColor;
    }
  | {
      readonly kind: "label";
      readonly at: Point;
      readonly text: string;
      readonly color: PictureColor;
      readonly size: number;
      /** A multiple of 100, as fonts on a canvas have it. */
      readonly weight?: number;
    };

/** A picture as plain data: SVG in the page, and a PNG of the same shapes. Later shapes are over earlier ones. */
export interface PictureSpec {
  /** Unique in a page, charts included; also the name of the PNG. */
  readonly id: string;
  readonly title: string;
  /** What the picture shows, in words: the caption, and the text for those who cannot see it. */
  readonly description: string;
  readonly width: number;
  readonly height: number;
  readonly shapes: readonly Shape[];
}

/** How strongly each kind of form covers what is under it. */
export const strength = { line: 0.4, regionFill: 0.13, regionEdge: 0.75 } as const;

/** Width of lines and of the edges of regions and forms, in the picture's units. */
export const strokes = { line: 0.8, region: 1.4, rim: 1.2 } as const;
