import type { SpikeData, SpikeEvents } from "#ir/spikes";

/** Which spikes of a run are drawn: of the first sample, and not more than a page can take. */
export interface Raster {
  /** Drawn are steps [0, steps) of `ofSteps`. */
  readonly steps: number;
  readonly ofSteps: number;
  readonly bands: readonly RasterBand[];
  /** Populations that fire, and are not drawn. */
  readonly leftOut: number;
}

/** One population. */
export interface RasterBand {
  readonly name: string;
  /** Neurons. */
  readonly size: number;
  /** Of all neurons, in the steps drawn. */
  readonly spikes: number;
  /** Neurons 0, stride, 2 x stride, ... are drawn. */
  readonly stride: number;
  /** The spikes drawn. */
  readonly step: readonly number[];
  readonly index: readonly number[];
}

export const RASTER_BANDS = 8;
/** Of one population. At least `RASTER_STEPS`, so that one neuron always fits. */
export const RASTER_POINTS = 2000;
export const RASTER_STEPS = 1000;

/** @returns undefined if nothing is recorded that fires: readouts give values */
export function rasterOf(recorded: Readonly<Record<string, SpikeData>>): Raster | undefined {
  const firing = Object.entries(recorded).filter(([, data]) => data.samples.length > 0 && areSpikes(data));
  if (firing.length === 0) return undefined;
  const ofSteps = Math.max(...firing.map(([, data]) => data.steps));
  const steps = Math.min(ofSteps, RASTER_STEPS);
  const bands = firing
    .slice(0, RASTER_BANDS)
    .map(([name, { shape, samples }]) => bandOf(name, sizeOf(shape), samples[0], steps));
  return { steps, ofSteps, bands, leftOut: firing.length - bands.length };
}

const areSpikes = ({ samples }: SpikeData): boolean =>
  samples.every(({ value }) => value === undefined || value.every((v) => v === 1));

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, extent) => size * extent, 1);

function bandOf(name: string, size: number, events: SpikeEvents, steps: number): RasterBand {
  const ofNeuron = new Float64Array(size);
  let end = 0;
  for (; end < events.step.length && events.step[end] < steps; end++) ofNeuron[events.index[end]]++;
  const stride = strideFor(ofNeuron);
  const step: number[] = [];
  const index: number[] = [];
  for (let e = 0; e < end; e++) {
    if (events.index[e] % stride !== 0) continue;
    step.push(events.step[e]);
    index.push(events.index[e]);
  }
  return { name, size, spikes: end, stride, step, index };
}

/** The smallest that leaves few enough points. */
function strideFor(spikesOfNeuron: Float64Array): number {
  for (let stride = 1; stride < spikesOfNeuron.length; stride++) {
    let points = 0;
    for (let i = 0; i < spikesOfNeuron.length; i += stride) points += spikesOfNeuron[i];
    if (points <= RASTER_POINTS) return stride;
  }
  return Math.max(1, spikesOfNeuron.length);
}
