/** Where the numbers of this folder come from. Cited by key, with table or section after "#". */
export const SOURCES = {
  intel2021: "Intel, Loihi 2 technology brief, 2021. Read through a public catalogue that quotes it.",
  lavaDl:
    "lava-nc/lava-dl, commit d825ac5: netx tutorials with printed partition tables and power of PilotNet on a chip.",
  lava: "lava-nc/lava, commit b6822fb: weight utilities and the bit-accurate LIF model.",
  timcheck2026:
    "J. Timcheck, A. Pierro, S. B. Shrestha, arXiv 2601.10035: law of run time (eq. 1); its rates are a figure.",
  candidate:
    "A public fork of SANA-FE: its Loihi 2 candidate document, which divides the fitted Loihi 1 times by Intel's ratios.",
  scaling:
    "OzU-CAST/LoihiScalingEfficiency, commit 1c5a162: what the compiler of Loihi 2 does with dense layers.",
  sanafe:
    "SANA-FE, commit 8951ab0: arch/loihi.yaml, fitted to measurements on a Nahuku board of Loihi 1; J. A. Boyle et al., IEEE TCAD 44(8), 2025.",
} as const;
