/** Where the numbers of this folder come from. Cited by key, with table or section after "#". */
export const SOURCES = {
  datasheet: "SpiNNaker 2 data sheet v0.03 (read in part).",
  spinnakerTools: "SpiNNakerManchester: SpiNNMachine, commit fe5a06a (sizes of the machine).",
  seneca2023:
    "SENECA, Frontiers in Neuroscience 2023, table 8: energies per synaptic operation of other chips, this one's after S. Höppner et al. 2021.",
} as const;
