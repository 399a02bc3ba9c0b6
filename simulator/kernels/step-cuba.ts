// One step of `loihi-cuba` neurons over a range of compartments, by either rule set; bit for bit the
// arithmetic of `src/neurons/loihi-cuba.ts`. Neurons at rest are skipped: nothing of theirs can
// change, because thresholds are never negative and lower clamps never positive.
//
// A neuron is a record of numbers in one array, which costs plain JavaScript a fifth less than an array for
// each: every further array is a pointer and a length to keep at hand.
//
// Both kernels read and clear the sums (coded as in `deliver.ts`), update u and v, write the compartments
// that fired to `fired` from `firedAt` on, add the number of updated neurons to `updates[row]`, and return
// the number of neurons that fired. A neuron is updated if u, v or bias was not 0, if an input came (even
// one that sums to 0), or if it fired.

/** Where the numbers of a neuron are: compartment x `count` + field. The state first, then what stays. */
export const NEURON_FIELDS = {
  count: 8,
  u: 0,
  v: 1,
  /** mantissa x 2^exponent */
  bias: 2,
  /** 4096 - (uDecay + 1) */
  uKeep: 3,
  /** 4096 - vDecay */
  vKeep: 4,
  /** mantissa x 64 */
  threshold: 5,
  vMin: 6,
  /** Refractory counter: state too. */
  waiting: 7,
} as const;

// Not exported one by one: V8 would read an exported constant from memory at every use.
const FIELDS = NEURON_FIELDS.count;
const U = NEURON_FIELDS.u;
const V = NEURON_FIELDS.v;
const BIAS = NEURON_FIELDS.bias;
const U_KEEP = NEURON_FIELDS.uKeep;
const V_KEEP = NEURON_FIELDS.vKeep;
const THRESHOLD = NEURON_FIELDS.threshold;
const V_MIN = NEURON_FIELDS.vMin;
const WAITING = NEURON_FIELDS.waiting;

const STATE_MAX = 8_388_607;
const STATE_SPAN = 16_777_216;
/** With inputs and currents up to these, no sum below leaves 32 bits. */
const INPUT_MAX = 16_777_215;
const REGISTER_MAX = 1_073_741_823;
/** Products with it are exact, and `| 0` rounds toward zero. */
const SHARE = 1 / 4096;

/**
 * Lava's rules: unlimited sums, one wrap of u into (-2^23, 2^23], v clipped to vMin .. 2^23 - 1.
 *
 * @param neurons `[compartments, NEURON_FIELDS.count]`
 * @param sumsAt  where the sum of compartment `begin` is
 * @returns neurons fired, or -1 - n if the input of compartment n was so large that u left 31 bits
 */
export function stepLava(
  begin: number,
  end: number,
  neurons: Int32Array,
  sums: Int32Array,
  sumsAt: number,
  fired: Uint32Array,
  firedAt: number,
  updates: Float64Array,
  row: number,
): number {
  let spikes = firedAt;
  let updated = 0;
  let s = sumsAt;
  for (let n = begin; n < end; n++, s++) {
    const at = n * FIELDS;
    const sum = sums[s];
    let current = neurons[at + U];
    let membrane = neurons[at + V];
    const bias = neurons[at + BIAS];
    if ((sum | current | membrane | bias) === 0) continue;
    sums[s] = 0;

    const input = sum >> 1;
    if (input > INPUT_MAX || input < -INPUT_MAX) return -1 - n;
    current = (((current * neurons[at + U_KEEP] * SHARE) | 0) + (input << 6)) | 0;
    if (current > STATE_MAX + 1) {
      current = (current - STATE_SPAN) | 0;
      if (current > REGISTER_MAX) return -1 - n;
    } else if (current < -STATE_MAX) {
      current = (current + STATE_SPAN) | 0;
      if (current < -REGISTER_MAX) return -1 - n;
    }
    neurons[at + U] = current;

    membrane = (((membrane * neurons[at + V_KEEP] * SHARE) | 0) + ((current + bias) | 0)) | 0;
    const lowest = neurons[at + V_MIN];
    if (membrane > STATE_MAX) membrane = STATE_MAX;
    else if (membrane < lowest) membrane = lowest;
    if (membrane > neurons[at + THRESHOLD]) {
      fired[spikes++] = n;
      membrane = 0;
    }
    neurons[at + V] = membrane;
    updated++;
  }
  updates[row] += updated;
  return spikes - firedAt;
}

/**
 * The rules of nengo-loihi's emulator: the sum of a step and u wrap in two's complement (22 and 24 bits), so does
 * u + bias; v is clipped to vMin .. 2^23 - 1; a refractory counter holds v at 0.
 *
 * @param refractory `[compartments]`, steps; the counter is set to it in the spike's step and counts down at once
 * @returns neurons fired
 */
export function stepNengo(
  begin: number,
  end: number,
  neurons: Int32Array,
  refractory: Int32Array,
  sums: Int32Array,
  sumsAt: number,
  fired: Uint32Array,
  firedAt: number,
  updates: Float64Array,
  row: number,
): number {
  let spikes = firedAt;
  let updated = 0;
  let s = sumsAt;
  for (let n = begin; n < end; n++, s++) {
    const at = n * FIELDS;
    const sum = sums[s];
    let current = neurons[at + U];
    let membrane = neurons[at + V];
    const bias = neurons[at + BIAS];
    let wait = neurons[at + WAITING];
    const resting = (sum | current | membrane | bias) === 0;
    if (resting && wait === 0) continue;
    sums[s] = 0;

    // Left 6 for the chip's fixed shift, then 10 up and down: 22 bits remain.
    current = (((current * neurons[at + U_KEEP] * SHARE) | 0) + (((sum >> 1) << 16) >> 10)) | 0;
    current = (current << 8) >> 8;
    neurons[at + U] = current;
    const drive = ((current + bias) << 8) >> 8;

    membrane = (((membrane * neurons[at + V_KEEP] * SHARE) | 0) + drive) | 0;
    const lowest = neurons[at + V_MIN];
    if (membrane > STATE_MAX) membrane = STATE_MAX;
    else if (membrane < lowest) membrane = lowest;
    if (wait > 0) membrane = 0;
    if (membrane > neurons[at + THRESHOLD]) {
      fired[spikes++] = n;
      membrane = 0;
      wait = refractory[n];
    }
    neurons[at + V] = membrane;
    neurons[at + WAITING] = wait > 0 ? wait - 1 : 0;
    if (!resting) updated++;
  }
  updates[row] += updated;
  return spikes - firedAt;
}
