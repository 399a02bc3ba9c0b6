/** Where the numbers of this folder come from. */
export const SOURCES = {
  frenkel2019:
    "C. Frenkel et al., A 0.086-mm2 12.7-pJ/SOP 64k-synapse 256-neuron online-learning digital spiking neuromorphic processor in 28-nm CMOS, IEEE TBioCAS 13(1), 2019. Read through its public documentation.",
  odinDoc: "ChFrenkel/ODIN, commit 1781931: documentation of the public hardware description.",
} as const;
