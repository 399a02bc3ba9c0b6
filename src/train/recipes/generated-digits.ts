// Digits that need no download: seven strokes, drawn crooked, in grey and with noise. For first runs and tests.
import type { ImageData } from "../dataset.ts";
import { createRandom, seedFrom } from "../random.ts";

export interface GeneratedDigitsOptions {
  readonly samples: number;
  readonly seed: number;
  /** Pixels. */
  readonly side: number;
  /** The first so many digits. */
  readonly classes: number;
  /** Largest noise, of 255. */
  readonly noise: number;
}

/** Ends of the strokes of a seven-segment digit in a box of 1 x 2, as x0, y0, x1, y1. */
const STROKES = [
  [0, 0, 1, 0],
  [1, 0, 1, 1],
  [1, 1, 1, 2],
  [0, 2, 1, 2],
  [0, 1, 0, 2],
  [0, 0, 0, 1],
  [0, 1, 1, 1],
] as const;
/** Which of them a digit has, as bits: 0 is strokes 0 to 5. */
const DIGITS = [0x3f, 0x06, 0x5b, 0x4f, 0x66, 0x6d, 0x7d, 0x07, 0x7f, 0x6f] as const;

/** Sample n is of class n mod `classes`; it depends on seed and n alone. */
export function generatedDigits({ samples, seed, side, classes, noise }: GeneratedDigitsOptions): ImageData {
  const pixels = new Uint8Array(samples * side * side);
  const labels = Uint8Array.from({ length: samples }, (_, n) => n % classes);
  for (let n = 0; n < samples; n++)
    drawDigit(
      labels[n],
      seedFrom(seed, n),
      side,
      noise,
      pixels.subarray(n * side * side, (n + 1) * side * side),
    );
  return { kind: "images", name: "generated-digits", shape: [1, side, side], pixels, labels, classes };
}

function drawDigit(digit: number, seed: number, side: number, noise: number, pixels: Uint8Array): void {
  const random = createRandom(seed);
  const around = (spread: number): number => spread * (2 * random.next() - 1);
  const turn = around(0.15);
  const unit = side * (0.3 + around(0.05));
  const [centreX, centreY] = [side / 2 + around(0.05 * side), side / 2 + around(0.05 * side)];
  const thickness = Math.max(0.6, 0.055 * side * (1 + around(0.3)));
  const lean = around(0.12);
  const corners = STROKES.map(([x0, y0, x1, y1]) => [place(x0, y0), place(x1, y1)] as const);
  function place(x: number, y: number): readonly [number, number] {
    const dx = unit * (x - 0.5 - lean * (y - 1));
    const dy = unit * (y - 1);
    return [
      centreX + dx * Math.cos(turn) - dy * Math.sin(turn),
      centreY + dx * Math.sin(turn) + dy * Math.cos(turn),
    ];
  }
  const strokes = corners.filter((_, i) => ((DIGITS[digit] >> i) & 1) === 1);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const far = Math.min(...strokes.map(([from, to]) => distance(x + 0.5, y + 0.5, from, to)));
      const ink = Math.max(0, Math.min(1, thickness + 0.5 - far));
      pixels[y * side + x] = Math.min(255, Math.round(255 * ink + noise * random.next()));
    }
}

function distance(
  x: number,
  y: number,
  [x0, y0]: readonly [number, number],
  [x1, y1]: readonly [number, number],
): number {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const along = Math.max(0, Math.min(1, ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(x - x0 - along * dx, y - y0 - along * dy);
}
