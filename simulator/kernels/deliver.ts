// Synaptic events: the inner loops of the simulator.
//
// A core keeps one 32-bit sum per slot (a compartment; or a compartment of a further plane, see
// `../machine.ts`). A sum holds twice the summed weight, plus 1 as soon as any event has arrived: so
// "an input came" costs no second store, and 0 means "nothing came". Integer sums do not depend on
// the order of events.

/**
 * Adds the synapse lists of all queued axons to the sums of the next step.
 *
 * @param queue     input axons that got a message, an axon twice if it got two; entries [begin, end) are read
 * @param axonStart `[axons + 1]`, axon a owns words axonStart[a] .. axonStart[a + 1]
 * @param words     `[synapses]`, slot in the low 15 bits, bit 15 clear, signed value (weight x 2^exponent) in the high 16
 * @param sums      sums of the core begin at `sumsBegin`; added to, not cleared
 * @returns number of synaptic events
 *
 * Checks nothing; the caller has validated the deployment and that no sum can leave 31 bits.
 */
export function deliver(
  queue: Uint32Array,
  begin: number,
  end: number,
  axonStart: Uint32Array,
  words: Int32Array,
  sums: Int32Array,
  sumsBegin: number,
): number {
  let events = 0;
  for (let q = begin; q < end; q++) {
    const axon = queue[q];
    const first = axonStart[axon];
    const last = axonStart[axon + 1];
    for (let i = first; i < last; i++) {
      const word = words[i];
      const at = sumsBegin + (word & 0x7fff);
      // word >> 15 is twice the value, because bit 15 is clear.
      sums[at] = (sums[at] + (word >> 15)) | 1;
    }
    events += last - first;
  }
  return events;
}

/**
 * As `deliver`, for cores with delays above one step: sums form a ring of `depth` buffers of `stride` slots each.
 *
 * @param delaySteps `[synapses]` in the order of `words`, but without the first `delayShift` of them
 * @param now       the current step; an event with delay d goes to buffer (now + d) mod depth
 * @param depthMask depth - 1; depth is a power of two, at least the longest delay
 */
export function deliverDelayed(
  queue: Uint32Array,
  begin: number,
  end: number,
  axonStart: Uint32Array,
  words: Int32Array,
  delaySteps: Uint8Array,
  delayShift: number,
  sums: Int32Array,
  sumsBegin: number,
  stride: number,
  now: number,
  depthMask: number,
): number {
  let events = 0;
  for (let q = begin; q < end; q++) {
    const axon = queue[q];
    const first = axonStart[axon];
    const last = axonStart[axon + 1];
    for (let i = first; i < last; i++) {
      const word = words[i];
      const buffer = (now + delaySteps[i - delayShift]) & depthMask;
      const at = sumsBegin + Math.imul(buffer, stride) + (word & 0x7fff);
      sums[at] = (sums[at] + (word >> 15)) | 1;
    }
    events += last - first;
  }
  return events;
}

/**
 * As `deliverDelayed`, for cores whose slots or values do not fit one word: `words` holds the value alone.
 *
 * @param slots `[synapses]` in the order of `words`, but without the first `slotShift` of them
 */
export function deliverWide(
  queue: Uint32Array,
  begin: number,
  end: number,
  axonStart: Uint32Array,
  words: Int32Array,
  slots: Uint32Array,
  slotShift: number,
  delaySteps: Uint8Array,
  delayShift: number,
  sums: Int32Array,
  sumsBegin: number,
  stride: number,
  now: number,
  depthMask: number,
): number {
  let events = 0;
  for (let q = begin; q < end; q++) {
    const axon = queue[q];
    const first = axonStart[axon];
    const last = axonStart[axon + 1];
    for (let i = first; i < last; i++) {
      const buffer = (now + delaySteps[i - delayShift]) & depthMask;
      const at = sumsBegin + Math.imul(buffer, stride) + slots[i - slotShift];
      sums[at] = (sums[at] + (words[i] << 1)) | 1;
    }
    events += last - first;
  }
  return events;
}

/**
 * Moves the sums of one further plane into the first: adds them shifted right by `shift` (toward minus
 * infinity), as Lava does with the sum of a projection whose weight exponent is negative. Clears the plane.
 *
 * @param count compartments of the core
 */
export function mergePlane(
  sums: Int32Array,
  baseAt: number,
  planeAt: number,
  count: number,
  shift: number,
): void {
  for (let n = 0; n < count; n++) {
    const sum = sums[planeAt + n];
    if (sum === 0) continue;
    sums[planeAt + n] = 0;
    sums[baseAt + n] = (sums[baseAt + n] + ((sum >> (shift + 1)) << 1)) | 1;
  }
}
