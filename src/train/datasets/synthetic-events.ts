import { ToolchainError, type Diagnostic } from "#util/diagnostic";
import type { EventData, EventStream, ImageData } from "../dataset.ts";
import { createRandom, seedFrom, type Random } from "../random.ts";
import { dataOptionOutOfRange, motionNeedsGreyImages } from "./data-diagnostics.ts";

export interface SyntheticEventsOptions {
  readonly seed: number;
  /** Dark pixels on every side of the image, for the motion to go into; 3 if absent. */
  readonly marginPixels?: number;
  /** Straight motions one after the other, back to the start with the last, 2 or more; 3 if absent. */
  readonly saccades?: number;
  /** Length of one motion; 100,000 if absent. */
  readonly saccadeUs?: number;
  /** How often the camera looks; 2,000 if absent. */
  readonly stepUs?: number;
  /** Furthest the image goes from the centre; 3 if absent. */
  readonly reachPixels?: number;
  /** Change of the logarithm of light that makes an event; 0.5 if absent. */
  readonly threshold?: number;
  /** Events per pixel and second that nothing causes; 0 if absent. */
  readonly noisePerSecond?: number;
}

type Settings = Required<SyntheticEventsOptions>;

const DEFAULTS = {
  marginPixels: 3,
  saccades: 3,
  saccadeUs: 100_000,
  stepUs: 2_000,
  reachPixels: 3,
  threshold: 0.5,
  noisePerSecond: 0,
} as const;

/** Light of a black pixel, as a share of a white one: nothing is so dark that its logarithm has no end. */
const DARK = 0.1;

/**
 * What an event camera would see of images that are moved before it, as N-MNIST moves digits: a camera model, not a
 * recording, and called synthetic in its name.
 *
 * Sample n is image n in a dark margin, on a closed way of straight motions with corners drawn from seed and n. Every
 * pixel follows the logarithm of its light: when that has risen by a threshold since the pixel's last event, an ON event
 * comes, when it has fallen by one, an OFF event; several in a step spread over the step. Whole microseconds. Same seed,
 * same events (where the engine's `Math.log` is the same).
 *
 * Shape `[2, height + 2 · margin, width + 2 · margin]`, OFF first.
 *
 * @param images grey, of shape `[1, height, width]` or `[height, width]`
 * @throws ToolchainError `train/data-no-plane`, `train/data-option-out-of-range`
 *
 * Source: the event camera model of Rebecq, Gehrig, Scaramuzza, "ESIM", CoRL 2018, with fixed steps and without
 * refractory time; the motion of Orchard et al., Frontiers in Neuroscience 9:437, 2015.
 */
export function syntheticMovingEvents(images: ImageData, options: SyntheticEventsOptions): EventData {
  const settings: Settings = { ...DEFAULTS, ...options };
  checkSettings(images, settings);
  const [height, width] = images.shape.slice(-2);
  const side = { height: height + 2 * settings.marginPixels, width: width + 2 * settings.marginPixels };
  const samples = Array.from({ length: images.labels.length }, (_, n) => {
    const pixels = images.pixels.subarray(n * height * width, (n + 1) * height * width);
    return eventsOf(pixels, height, width, settings, createRandom(seedFrom(settings.seed, n)));
  });
  return {
    kind: "events",
    name: `synthetic moving events from ${images.name}`,
    shape: [2, side.height, side.width],
    samples,
    labels: images.labels,
    classes: images.classes,
  };
}

function eventsOf(
  pixels: Uint8Array,
  height: number,
  width: number,
  settings: Settings,
  random: Random,
): EventStream {
  const { marginPixels: margin, saccades, saccadeUs, stepUs, threshold } = settings;
  const [rows, columns] = [height + 2 * margin, width + 2 * margin];
  const size = rows * columns;
  const corners = drawCorners(settings, random);
  const steps = Math.max(1, Math.floor((saccades * saccadeUs) / stepUs));
  const light = new Float64Array(size);
  const before = new Float64Array(size);
  logLight(pixels, height, width, margin, corners[0], before);
  const held = before.slice();
  const events: { timeUs: number; index: number }[] = [];
  for (let step = 1; step <= steps; step++) {
    const way = (step / steps) * saccades;
    const leg = Math.min(saccades - 1, Math.floor(way));
    const [from, to] = [corners[leg], corners[(leg + 1) % saccades]];
    const share = way - leg;
    const place = [from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])] as const;
    logLight(pixels, height, width, margin, place, light);
    for (let i = 0; i < size; i++) {
      const sign = light[i] > held[i] ? 1 : -1;
      while (sign * (light[i] - held[i]) >= threshold) {
        held[i] += sign * threshold;
        const late = (held[i] - before[i]) / (light[i] - before[i]);
        const timeUs = Math.round((step - 1 + Math.min(1, Math.max(0, late))) * stepUs);
        events.push({ timeUs, index: (sign > 0 ? size : 0) + i });
      }
      before[i] = light[i];
    }
  }
  addNoise(events, size, steps * stepUs, settings.noisePerSecond, random);
  events.sort((a, b) => a.timeUs - b.timeUs || a.index - b.index);
  return {
    timeUs: Float64Array.from(events, ({ timeUs }) => timeUs),
    index: Uint32Array.from(events, ({ index }) => index),
  };
}

/** A way round the centre, as N-MNIST's triangle: corners at equal angles from a drawn one on, each at a drawn distance. */
function drawCorners(
  { saccades, reachPixels }: Settings,
  random: Random,
): (readonly [x: number, y: number])[] {
  const first = 2 * Math.PI * random.next();
  return Array.from({ length: saccades }, (_, corner) => {
    const angle = first + (2 * Math.PI * corner) / saccades;
    const distance = reachPixels * (0.5 + 0.5 * random.next());
    return [distance * Math.cos(angle), distance * Math.sin(angle)] as const;
  });
}

/** Logarithm of the light of the image in its margin, moved by `place` (right, down), bilinear. */
function logLight(
  pixels: Uint8Array,
  height: number,
  width: number,
  margin: number,
  [right, down]: readonly [number, number],
  out: Float64Array,
): void {
  const columns = width + 2 * margin;
  const at = (row: number, column: number): number =>
    row < 0 || column < 0 || row >= height || column >= width ? 0 : pixels[row * width + column];
  for (let i = 0; i < out.length; i++) {
    const y = Math.floor(i / columns) - margin - down;
    const x = (i % columns) - margin - right;
    const [top, left] = [Math.floor(y), Math.floor(x)];
    const [shareY, shareX] = [y - top, x - left];
    const upper = (1 - shareX) * at(top, left) + shareX * at(top, left + 1);
    const lower = (1 - shareX) * at(top + 1, left) + shareX * at(top + 1, left + 1);
    out[i] = Math.log(DARK + ((1 - shareY) * upper + shareY * lower) / 255);
  }
}

function addNoise(
  events: { timeUs: number; index: number }[],
  size: number,
  lengthUs: number,
  perSecond: number,
  random: Random,
): void {
  const count = Math.round((perSecond * size * lengthUs) / 1e6);
  for (let n = 0; n < count; n++) {
    const timeUs = Math.floor(random.next() * lengthUs);
    events.push({ timeUs, index: Math.floor(random.next() * 2 * size) });
  }
}

function checkSettings({ shape }: ImageData, settings: Settings): void {
  const faults: Diagnostic[] = [];
  if (shape.length < 2 || shape.length > 3 || (shape.length === 3 && shape[0] !== 1))
    faults.push(motionNeedsGreyImages({ shape }));
  const check = (option: keyof Settings, min: number, max: number, isWhole: boolean): void => {
    const value = settings[option];
    if (value >= min && value <= max && (!isWhole || Number.isInteger(value))) return;
    const needed = `a ${isWhole ? "whole " : ""}number from ${min} to ${max}`;
    faults.push(dataOptionOutOfRange({ option, needed, value }));
  };
  check("seed", 0, 2 ** 32 - 1, true);
  check("marginPixels", 0, 64, true);
  check("saccades", 2, 100, true);
  check("saccadeUs", 1, 10_000_000, true);
  check("stepUs", 1, 10_000_000, true);
  check("reachPixels", 0, 64, false);
  check("threshold", 0.01, 10, false);
  check("noisePerSecond", 0, 1000, false);
  if (faults.length > 0) throw new ToolchainError(faults);
}
