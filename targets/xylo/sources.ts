/** Where the numbers of the three Xylo chips come from. */
export const SOURCES = {
  rockpool:
    "SynSense Rockpool, commit 42cee1c and its documentation: overview of the Xylo family, mappers, cycle model, measured power of the development kits.",
  openNeuromorphic: "open-neuromorphic.org, hardware pages, repository 28f5083.",
  xyloKws: "SynSense, keyword spotting on Xylo Audio 2: abstract of the paper.",
  neurobench: "J. Yik et al., NeuroBench, Nat. Commun. 2025, repository e521c28.",
} as const;
