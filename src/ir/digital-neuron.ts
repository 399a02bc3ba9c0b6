// What integer neurons of chips can do: the words of targets, whose places are the values of registers.

/**
 * What v, or the synaptic current u, loses in a step; the places are the values of `leakKind` and `currentKind`.
 *
 * - `none`: nothing. As `currentKind`: there is no current, what arrives goes into v.
 * - `linear`: a number of units toward zero, never past it.
 * - `shift`: itself shifted right (toward minus infinity), but at least one unit toward zero; a shift of 0 clears it.
 *   Source: the bit-shift decay of Xylo as SynSense's Rockpool documents it.
 * - `share`: a share in units of 2^-decayBits; what is left is rounded toward zero.
 */
export const LEAK_KINDS = ["none", "linear", "shift", "share"] as const;
export type LeakKind = (typeof LEAK_KINDS)[number];

/**
 * What becomes of v at a spike: 0, a number of the neuron's, or less by its threshold; the places are the values of
 * `resetKind`. Only with the last does a neuron give several spikes in a step.
 */
export const DIGITAL_RESETS = ["zero", "value", "subtract"] as const;
export type DigitalReset = (typeof DIGITAL_RESETS)[number];
