/** Where the numbers of this folder come from. Cited by key, with table or section after "#". */
export const SOURCES = {
  merolla2014:
    "P. A. Merolla et al., A million spiking-neuron integrated circuit with a scalable communication network and interface, Science 345, 2014. Read through sourced reviews that quote it.",
  esser2016:
    "S. K. Esser et al., Convolutional networks for fast, energy-efficient neuromorphic computing, PNAS 113(41), 2016. Abstract.",
  catalogue:
    "Platform catalogue of a public fork of SANA-FE, which quotes the chip's papers: widths of weights, leak and resets, delays.",
  sanafe: "SANA-FE, commit 8951ab0: arch/truenorth.yaml and the arithmetic of its TrueNorth neuron.",
} as const;
