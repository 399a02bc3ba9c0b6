import { ToolchainError, type Diagnostic } from "#util/diagnostic";
import { dataOptionOutOfRange } from "../datasets/data-diagnostics.ts";
import { createRandom, seedFrom, type Random } from "../random.ts";
import { createSpikeCamera, windowSums } from "./camera.ts";

/** Shape classes; a box's `class` is the place in this list. */
export const SHAPE_CLASSES = ["square", "disc", "triangle"] as const;

export interface MovingShapesOptions {
  readonly samples: number;
  /** 24 pixels or more. */
  readonly height: number;
  /** 24 pixels or more. */
  readonly width: number;
  /** Windows of planes that the network sees one after the other. */
  readonly steps: number;
  /** Camera planes in a window; 1 gives the binary planes themselves. */
  readonly planesPerStep: number;
  readonly seed: number;
  /** Share of spikes that are turned into none and the other way round, drawn for every pixel and plane; 0 if absent. */
  readonly noise?: number;
  /** Most objects in a scene; 3 if absent. */
  readonly maxObjects?: number;
}

/** In pixels; the outer edge of the leftmost pixel column is x = 0. Real numbers: the edges of the shape itself. */
export interface Box {
  /** Left edge. */
  readonly x: number;
  /** Upper edge. */
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Place in `SHAPE_CLASSES`. */
  readonly class: number;
}

export interface MovingShapes {
  readonly name: "synthetic moving shapes";
  /** `[samples, steps, 1, height, width]`, spikes in the window, 0 to planesPerStep. */
  readonly sums: Float32Array;
  /** `[steps, 1, height, width]` */
  readonly shape: readonly [number, number, number, number];
  /** One list per sample; where the shapes are in the last plane of the last step, never cut by the border. */
  readonly boxes: readonly (readonly Box[])[];
  readonly classes: readonly string[];
}

/** One object: a shape that moves evenly from `from` to `to`, its centre, in pixels. */
interface Mover {
  readonly class: number;
  /** Half of width and of height, in pixels. */
  readonly radius: number;
  /** Light per plane, in thresholds of the camera. */
  readonly light: number;
  readonly from: readonly [x: number, y: number];
  readonly to: readonly [x: number, y: number];
}

interface Scene {
  /** Light per plane where no object is. */
  readonly background: number;
  readonly movers: readonly Mover[];
}

/**
 * Scenes of one to three bright shapes that move over a dark background, seen by a spike camera: input and
 * exact boxes for a detector. Synthetic: call it so wherever a result is shown.
 *
 * Sample n depends on seed, n and the sizes alone, not on how many samples there are.
 *
 * @throws ToolchainError `train/data-option-out-of-range`
 */
export function generateMovingShapes(options: MovingShapesOptions): MovingShapes {
  checkOptions(options);
  const { samples, height, width, steps, planesPerStep } = options;
  const pixels = height * width;
  const sums = new Float32Array(samples * steps * pixels);
  const boxes: (readonly Box[])[] = [];
  for (let n = 0; n < samples; n++) {
    const recorded = record(options, n);
    windowSums(recorded.planes, pixels, planesPerStep, sums, n * steps * pixels);
    boxes.push(recorded.boxes);
  }
  return {
    name: "synthetic moving shapes",
    sums,
    shape: [steps, 1, height, width],
    boxes,
    classes: SHAPE_CLASSES,
  };
}

/**
 * The planes of one sample of `generateMovingShapes`, for a `.dat` file or a picture.
 *
 * @returns planes `[steps · planesPerStep, height, width]`, 0 or 1
 * @throws ToolchainError `train/data-option-out-of-range`
 */
export function recordMovingShapes(
  options: MovingShapesOptions,
  sample: number,
): { readonly planes: Uint8Array; readonly boxes: readonly Box[] } {
  checkOptions(options);
  return record(options, sample);
}

function record(
  options: MovingShapesOptions,
  sample: number,
): { readonly planes: Uint8Array; readonly boxes: readonly Box[] } {
  const { height, width, steps, planesPerStep, noise = 0 } = options;
  const random = createRandom(seedFrom(options.seed, sample));
  const scene = drawScene(options, random);
  const count = steps * planesPerStep;
  const pixels = height * width;
  const camera = createSpikeCamera(
    pixels,
    Array.from({ length: pixels }, () => random.next()),
  );
  const light = new Float64Array(pixels);
  const planes = new Uint8Array(count * pixels);
  for (let t = 0; t < count; t++) {
    lightScene(scene, shareOf(t, count), height, width, light);
    camera.expose(light, planes, t * pixels);
  }
  if (noise > 0) for (let i = 0; i < planes.length; i++) if (random.next() < noise) planes[i] ^= 1;
  return { planes, boxes: scene.movers.map((mover) => boxAt(mover, 1)) };
}

/** How far along its way a mover is in plane t: 0 in the first, 1 in the last. */
const shareOf = (plane: number, count: number): number => (count === 1 ? 1 : plane / (count - 1));

function lightScene(scene: Scene, share: number, height: number, width: number, light: Float64Array): void {
  light.fill(scene.background);
  for (const mover of scene.movers) {
    const { x, y, width: boxWidth, height: boxHeight } = boxAt(mover, share);
    const bottom = Math.min(height, Math.ceil(y + boxHeight));
    const right = Math.min(width, Math.ceil(x + boxWidth));
    for (let row = Math.max(0, Math.floor(y)); row < bottom; row++)
      for (let column = Math.max(0, Math.floor(x)); column < right; column++)
        if (covers(mover.class, (column + 0.5 - x) / mover.radius - 1, (row + 0.5 - y) / mover.radius - 1))
          light[row * width + column] = mover.light;
  }
}

/** True if the point, in radii from the centre of the box, lies in the shape. The triangle stands on its base. */
function covers(shape: number, x: number, y: number): boolean {
  if (Math.abs(x) > 1 || Math.abs(y) > 1) return false;
  if (shape === 0) return true;
  return shape === 1 ? x * x + y * y <= 1 : 2 * Math.abs(x) <= y + 1;
}

function boxAt(mover: Mover, share: number): Box {
  const { from, to, radius } = mover;
  return {
    x: from[0] + share * (to[0] - from[0]) - radius,
    y: from[1] + share * (to[1] - from[1]) - radius,
    width: 2 * radius,
    height: 2 * radius,
    class: mover.class,
  };
}

/** 2 GiB of sums. */
const MAX_VALUES = 2 ** 29;

/** Tries for one more object before the scene stays as it is. */
const TRIES = 20;
/** Checked at so many points of the way. */
const WAYPOINTS = 5;

function drawScene({ height, width, maxObjects = 3 }: MovingShapesOptions, random: Random): Scene {
  const wanted = 1 + Math.floor(maxObjects * random.next());
  const movers: Mover[] = [];
  for (let attempt = 0; movers.length < wanted && attempt < wanted * TRIES; attempt++) {
    const mover = drawMover(height, width, random);
    if (movers.every((other) => !overlaps(mover, other))) movers.push(mover);
  }
  return { background: between(0.05, 0.15, random), movers };
}

function drawMover(height: number, width: number, random: Random): Mover {
  const side = Math.min(height, width);
  const radius = between(0.1, 0.18, random) * side;
  const start = [between(radius, width - radius, random), between(radius, height - radius, random)] as const;
  // Up to a fifth of the side in all, and never over the border.
  const move = (centre: number, length: number): number =>
    Math.min(length - radius, Math.max(radius, centre + between(-0.2, 0.2, random) * side));
  return {
    class: Math.floor(SHAPE_CLASSES.length * random.next()),
    radius,
    light: between(0.5, 0.95, random),
    from: start,
    to: [move(start[0], width), move(start[1], height)],
  };
}

const between = (low: number, high: number, random: Random): number => low + (high - low) * random.next();

/** True if at some point of the way the boxes share more than a tenth of the smaller one. */
function overlaps(a: Mover, b: Mover): boolean {
  for (let w = 0; w < WAYPOINTS; w++) {
    const [one, two] = [boxAt(a, w / (WAYPOINTS - 1)), boxAt(b, w / (WAYPOINTS - 1))];
    const shared =
      Math.max(0, Math.min(one.x + one.width, two.x + two.width) - Math.max(one.x, two.x)) *
      Math.max(0, Math.min(one.y + one.height, two.y + two.height) - Math.max(one.y, two.y));
    if (shared > 0.1 * Math.min(one.width * one.height, two.width * two.height)) return true;
  }
  return false;
}

function checkOptions(options: MovingShapesOptions): void {
  const faults: Diagnostic[] = [];
  const check = (option: string, value: number, min: number, max: number): void => {
    if (Number.isInteger(value) && value >= min && value <= max) return;
    const needed = `a whole number from ${min} to ${max}`;
    faults.push(dataOptionOutOfRange({ option, needed, value }));
  };
  check("samples", options.samples, 0, 1_000_000);
  check("height", options.height, 24, 4096);
  check("width", options.width, 24, 4096);
  check("steps", options.steps, 1, 1024);
  check("planesPerStep", options.planesPerStep, 1, 4096);
  check("seed", options.seed, 0, 2 ** 32 - 1);
  check("maxObjects", options.maxObjects ?? 3, 1, 3);
  const noise = options.noise ?? 0;
  if (!(noise >= 0 && noise <= 0.5))
    faults.push(dataOptionOutOfRange({ option: "noise", needed: "a number from 0 to 0.5", value: noise }));
  const values = options.samples * options.steps * options.height * options.width;
  if (values > MAX_VALUES) {
    const needed = `at most ${MAX_VALUES} numbers in all`;
    faults.push(dataOptionOutOfRange({ option: "samples x steps x height x width", needed, value: values }));
  }
  if (faults.length > 0) throw new ToolchainError(faults);
}
