import {
  type PictureColor,
  type PictureSpec,
  type Point,
  type Shape,
  strength,
  strokes,
} from "../charts/picture-spec.ts";
import { type Block, block } from "./block.ts";
import { type HtmlValue, html } from "./html.ts";

/** A picture with its caption, as SVG in the colours of the page's theme. */
export function pictureBlock({ title, description, width, height, shapes }: PictureSpec): Block {
  return block(html`<figure class="chart picture">
<figcaption><strong>${title}</strong><span>${description}</span></figcaption>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${`${title}. ${description}`}">${shapes.map(svgShape)}</svg>
</figure>`);
}

function svgShape(shape: Shape): HtmlValue {
  const paint = colorOf(shape.color);
  switch (shape.kind) {
    case "line":
      return html`<path d="${pathOf([shape.from, shape.to])}" stroke="${paint}" stroke-width="${strokes.line}" opacity="${strength.line}"/>`;
    case "region":
      return html`<path d="${pathOf(shape.points)}Z" fill="${paint}" fill-opacity="${strength.regionFill}" stroke="${paint}" stroke-opacity="${strength.regionEdge}" stroke-width="${strokes.region}" stroke-linejoin="round"/>`;
    case "disc":
      return html`<circle cx="${short(shape.at[0])}" cy="${short(shape.at[1])}" r="${short(shape.radius)}" fill="${paint}" stroke="${colorOf("ground")}" stroke-width="${strokes.rim}"/>`;
    case "tile":
      return html`<rect x="${short(shape.at[0])}" y="${short(shape.at[1])}" width="${short(shape.width)}" height="${short(shape.height)}" rx="4" fill="${paint}"/>`;
    case "label":
      return html`<text x="${short(shape.at[0])}" y="${short(shape.at[1])}" font-size="${shape.size}" font-weight="${shape.weight ?? 500}" text-anchor="middle" dominant-baseline="central" fill="${paint}">${shape.text}</text>`;
  }
}

function colorOf(color: PictureColor): string {
  return `var(--${color === "ground" ? "surface" : color})`;
}

function pathOf(points: readonly Point[]): string {
  return points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${short(x)} ${short(y)}`).join("");
}

function short(value: number): string {
  return String(Math.round(value * 10) / 10);
}
