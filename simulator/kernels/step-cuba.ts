// One step of `loihi-cuba` neurons over a range of compartments, by either rule set; bit for bit the
// arithmetic of `src/neurons/loihi-cuba.ts`. Neurons at rest are skipped: nothing of theirs can
// change, because thresholds are never negative and lower clamps never positive.
//
// Both kernels read and clear the sums (coded as in `deliver.ts`), update u and v, write the compartments
// that fired to `fired` from `firedAt` on, add the number of updated neurons to `updates[row]`, and return
// the number of neurons that fired. A neuron is updated if u, v or bias was not 0, if an input came (even
// one that sums to 0), or if it fired. Parameters are `[compartments]`; index n is the compartment itself.

const STATE_MAX = 8_388_607;
const STATE_SPAN = 16_777_216;
const REGISTER_MAX = 1_073_741_823;

/**
 * Lava's rules: unlimited sums, one wrap of u into (-2^23, 2^23], v clipped to vMin .. 2^23 - 1.
 *
 * @param sumsAt    where the sum of compartment `begin` is
 * @param uKeep     4096 - (uDecay + 1)
 * @param vKeep     4096 - vDecay
 * @param threshold mantissa x 64
 * @param bias      mantissa x 2^exponent
 * @param vMin      lower clamp of v
 * @returns neurons fired, or -1 - n if the input of compartment n was so large that u left 31 bits
 */
export function stepLava(
  begin: number,
  end: number,
  u: Int32Array,
  v: Int32Array,
  sums: Int32Array,
  sumsAt: number,
  uKeep: Int32Array,
  vKeep: Int32Array,
  threshold: Int32Array,
  bias: Int32Array,
  vMin: Int32Array,
  fired: Uint32Array,
  firedAt: number,
  updates: Float64Array,
  row: number,
): number {
  const shift = sumsAt - begin;
  let spikes = firedAt;
  let updated = 0;
  for (let n = begin; n < end; n++) {
    const sum = sums[shift + n];
    let current = u[n];
    let membrane = v[n];
    const constant = bias[n];
    const resting = (sum | current | membrane | constant) === 0;
    if (resting) continue;
    sums[shift + n] = 0;

    // Decay toward zero, in two halves because the product does not fit 32 bits.
    let keep = uKeep[n];
    let size = current < 0 ? -current : current;
    size = Math.imul(size >> 12, keep) + (Math.imul(size & 4095, keep) >> 12);
    current = (current < 0 ? -size : size) + (sum >> 1) * 64;
    if (current > STATE_MAX + 1) {
      current -= STATE_SPAN;
      if (current > REGISTER_MAX) return -1 - n;
    } else if (current < -STATE_MAX) {
      current += STATE_SPAN;
      if (current < -REGISTER_MAX) return -1 - n;
    }
    u[n] = current;

    keep = vKeep[n];
    size = membrane < 0 ? -membrane : membrane;
    size = Math.imul(size >> 12, keep) + (Math.imul(size & 4095, keep) >> 12);
    membrane = (membrane < 0 ? -size : size) + current + constant;
    if (membrane > STATE_MAX) membrane = STATE_MAX;
    else if (membrane < vMin[n]) membrane = vMin[n];
    if (membrane > threshold[n]) {
      fired[spikes++] = n;
      membrane = 0;
    }
    v[n] = membrane;
    updated++;
  }
  updates[row] += updated;
  return spikes - firedAt;
}

/**
 * The rules of nengo-loihi's emulator: the sum of a step and u wrap in two's complement (22 and 24 bits), so does
 * u + bias; v is clipped to vMin .. 2^23 - 1; a refractory counter holds v at 0.
 *
 * @param refractory steps; the counter is set to it in the spike's step and counts down at once
 * @param waiting    refractory counters
 * @returns neurons fired
 */
export function stepNengo(
  begin: number,
  end: number,
  u: Int32Array,
  v: Int32Array,
  waiting: Int32Array,
  sums: Int32Array,
  sumsAt: number,
  uKeep: Int32Array,
  vKeep: Int32Array,
  threshold: Int32Array,
  bias: Int32Array,
  refractory: Int32Array,
  vMin: Int32Array,
  fired: Uint32Array,
  firedAt: number,
  updates: Float64Array,
  row: number,
): number {
  const shift = sumsAt - begin;
  let spikes = firedAt;
  let updated = 0;
  for (let n = begin; n < end; n++) {
    const sum = sums[shift + n];
    let current = u[n];
    let membrane = v[n];
    const constant = bias[n];
    let wait = waiting[n];
    const resting = (sum | current | membrane | constant) === 0;
    if (resting && wait === 0) continue;
    sums[shift + n] = 0;

    let keep = uKeep[n];
    let size = current < 0 ? -current : current;
    size = Math.imul(size >> 12, keep) + (Math.imul(size & 4095, keep) >> 12);
    // Left 6 for the chip's fixed shift, then 10 up and down: 22 bits remain.
    current = (current < 0 ? -size : size) + (((sum >> 1) << 16) >> 10);
    current = (current << 8) >> 8;
    u[n] = current;
    const drive = ((current + constant) << 8) >> 8;

    keep = vKeep[n];
    size = membrane < 0 ? -membrane : membrane;
    size = Math.imul(size >> 12, keep) + (Math.imul(size & 4095, keep) >> 12);
    membrane = (membrane < 0 ? -size : size) + drive;
    if (membrane > STATE_MAX) membrane = STATE_MAX;
    else if (membrane < vMin[n]) membrane = vMin[n];
    if (wait > 0) membrane = 0;
    if (membrane > threshold[n]) {
      fired[spikes++] = n;
      membrane = 0;
      wait = refractory[n];
    }
    if (!resting) updated++;
    v[n] = membrane;
    if (wait > 0) waiting[n] = wait - 1;
  }
  updates[row] += updated;
  return spikes - firedAt;
}
