import { createRequire } from "node:module";
import type { ChartTheme } from "./chart-spec.ts";
import { lightTheme } from "./palette.ts";
import {
  type PictureColor,
  type PictureSpec,
  type Point,
  type Shape,
  strength,
  strokes,
} from "./picture-spec.ts";
import { registerFont } from "./register-font.ts";

/** Pixels of the PNG's width, its margin and what its title takes, pixels. */
const size = { width: 2000, margin: 48, title: 100 };

/** The part of a canvas's context that is used here. */
interface Pen {
  fillStyle: string;
  strokeStyle: string;
  lineWidth: number;
  lineJoin: string;
  globalAlpha: number;
  font: string;
  textAlign: string;
  textBaseline: string;
  beginPath(): void;
  closePath(): void;
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  arc(x: number, y: number, radius: number, from: number, to: number): void;
  roundRect(x: number, y: number, width: number, height: number, radius: number): void;
  fill(): void;
  stroke(): void;
  fillRect(x: number, y: number, width: number, height: number): void;
  fillText(text: string, x: number, y: number): void;
  translate(x: number, y: number): void;
  scale(x: number, y: number): void;
}

interface Canvas {
  getContext(kind: "2d"): Pen;
  toBuffer(type: "image/png"): Uint8Array;
}

/** The bytes of a PNG, 2000 pixels wide, of a picture on a light ground, with its title. */
export function renderPicture(spec: PictureSpec): Uint8Array {
  registerFont();
  const factor = (size.width - 2 * size.margin) / spec.width;
  const canvas = createCanvas(size.width, Math.round(size.title + factor * spec.height + size.margin));
  const pen = canvas.getContext("2d");
  pen.fillStyle = lightTheme.surface;
  pen.fillRect(0, 0, size.width, size.title + factor * spec.height + size.margin);
  pen.fillStyle = lightTheme.text;
  pen.font = `600 38px ${lightTheme.font}`;
  pen.textBaseline = "middle";
  pen.fillText(spec.title, size.margin, size.title / 2);
  pen.translate(size.margin, size.title);
  pen.scale(factor, factor);
  for (const shape of spec.shapes) drawShape(pen, shape, lightTheme);
  return canvas.toBuffer("image/png");
}

function createCanvas(width: number, height: number): Canvas {
  const require = createRequire(import.meta.url);
  const library = createRequire(require.resolve("chartjs-node-canvas"))("canvas") as {
    createCanvas(width: number, height: number): Canvas;
  };
  return library.createCanvas(width, height);
}

function drawShape(pen: Pen, shape: Shape, theme: ChartTheme): void {
  const paint = colorOf(shape.color, theme);
  pen.fillStyle = paint;
  pen.strokeStyle = paint;
  pen.beginPath();
  switch (shape.kind) {
    case "line":
      trace(pen, [shape.from, shape.to]);
      strokeWith(pen, strength.line, strokes.line);
      break;
    case "region":
      trace(pen, shape.points);
      pen.closePath();
      pen.globalAlpha = strength.regionFill;
      pen.fill();
      strokeWith(pen, strength.regionEdge, strokes.region);
      break;
    case "disc":
      pen.arc(...shape.at, shape.radius, 0, 2 * Math.PI);
      pen.fill();
      pen.strokeStyle = colorOf("ground", theme);
      strokeWith(pen, 1, strokes.rim);
      break;
    case "tile":
      pen.roundRect(...shape.at, shape.width, shape.height, 4);
      pen.fill();
      break;
    case "label":
      pen.font = `${shape.weight ?? 500} ${shape.size}px ${theme.font}`;
      pen.textAlign = "center";
      pen.textBaseline = "middle";
      pen.fillText(shape.text, ...shape.at);
      break;
  }
}

function strokeWith(pen: Pen, alpha: number, width: number): void {
  pen.globalAlpha = alpha;
  pen.lineWidth = width;
  pen.lineJoin = "round";
  pen.stroke();
  pen.globalAlpha = 1;
}

function trace(pen: Pen, points: readonly Point[]): void {
  for (const [i, [x, y]] of points.entries()) i === 0 ? pen.moveTo(x, y) : pen.lineTo(x, y);
}

function colorOf(color: PictureColor, theme: ChartTheme): string {
  if (color === "ground") return theme.surface;
  return color === "text" ? theme.text : theme.colors[color];
}
