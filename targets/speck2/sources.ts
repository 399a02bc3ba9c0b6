/** Where the numbers of this folder come from. Cited by key, with table or section after "#". */
export const SOURCES = {
  sinabs: "synsense/sinabs, commit 904eb89: chip configuration, costs of layers, documentation of Speck.",
  yao2024:
    "M. Yao et al., Nature Communications 15:4464, 2024, table 1: powers and spikes measured on Speck.",
  richter2024:
    "O. Richter et al., Neuromorphic Computing and Engineering 4, 2024. Read through a public catalogue that quotes it.",
} as const;
