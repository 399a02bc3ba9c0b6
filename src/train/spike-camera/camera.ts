// The model of a spike camera (Vidar): every pixel counts light and fires when it has enough.

export interface SpikeCamera {
  /**
   * One plane: `charge += light`; a pixel with a full charge fires once and loses one threshold.
   *
   * @param light `[pixels]`, per plane, in thresholds: 1 fires in every plane, 0.25 in every fourth
   * @param planes the plane is written to `planes[at .. at + pixels]`, 0 or 1
   */
  expose(light: ArrayLike<number>, planes: Uint8Array, at?: number): void;
  /** `[pixels]`, what each pixel has counted since it last fired, in thresholds. */
  readonly charge: Float64Array;
}

/**
 * A camera of so many pixels, each an integrate-and-fire unit: A += I; when A >= 1 it emits 1 and A -= 1.
 *
 * A pixel fires once per plane at most, so light above 1 saturates: what is left over stays in the charge.
 *
 * @param charge at the start, `[pixels]`, each 0 to below 1; absent: all empty, so that equally lit pixels fire together
 *
 * Source: Dong, Huang, Tian, "Spike camera and its coding methods", DCC 2017; Huang et al., Engineering 25, 2023.
 */
export function createSpikeCamera(pixels: number, charge?: ArrayLike<number>): SpikeCamera {
  const held = charge === undefined ? new Float64Array(pixels) : Float64Array.from(charge);
  return {
    charge: held,
    expose: (light, planes, at = 0) => {
      for (let i = 0; i < pixels; i++) {
        const sum = held[i] + light[i];
        const fires = sum >= 1;
        planes[at + i] = fires ? 1 : 0;
        held[i] = fires ? sum - 1 : sum;
      }
    },
  };
}

/**
 * Spikes per pixel in consecutive windows of planes: the light of each window, as numbers.
 *
 * @param planes `[steps · planesPerStep, pixels]`, 0 or 1; planes after the last whole window are left out
 * @param sums `[steps, pixels]` is written to `sums[at ..]`, each 0 to planesPerStep; `steps` is what fits
 */
export function windowSums(
  planes: Uint8Array,
  pixels: number,
  planesPerStep: number,
  sums: Float32Array,
  at = 0,
): void {
  const steps = Math.floor(planes.length / (pixels * planesPerStep));
  sums.fill(0, at, at + steps * pixels);
  for (let t = 0; t < steps * planesPerStep; t++) {
    const to = at + Math.floor(t / planesPerStep) * pixels;
    const from = t * pixels;
    for (let i = 0; i < pixels; i++) sums[to + i] += planes[from + i];
  }
}
