/** Where the numbers of this folder come from. Cited by key, with table or section after "#". */
export const SOURCES = {
  spinnakerTools:
    "SpiNNakerManchester: SpiNNMachine, commit fe5a06a (sizes of the machine, measured powers), and SpiNNFrontEndCommon (timers).",
} as const;
