/** Where the numbers of this folder come from. Cited by key, with table or section after "#". */
export const SOURCES = {
  davies2018:
    "M. Davies et al., Loihi: A Neuromorphic Manycore Processor with On-Chip Learning, IEEE Micro 38(1), 2018, doi 10.1109/MM.2018.112130359. Pre-silicon circuit figures at 0.75 V; read through two public repositories that quote them alike.",
  davies2021:
    "M. Davies et al., Advancing Neuromorphic Computing With Loihi: A Survey of Results and Outlook, Proc. IEEE 109(5), 2021. Read through notes that quote it.",
  frady2020:
    "E. P. Frady et al., Neuromorphic Nearest-Neighbor Search Using Intel's Pohoiki Springs, NICE 2020. Measured on 32-chip boards and on 768 chips; read through notes that quote it.",
  nengoLoihi:
    "nengo-loihi, commit e564f66: block.py, builder/discretize.py, hardware/validate.py (resource checks of the public Loihi back end).",
  nxtf: "NxTF, the DNN compiler in intel-nrc-ecosystem/models, commit 3dc53bf: compiler, unit tests, notebooks with printed results; B. Rueckauer et al., arXiv 2101.04261.",
  sanafe:
    "SANA-FE, commit 8951ab0: arch/loihi.yaml, fitted to measurements on a Nahuku board; J. A. Boyle et al., IEEE TCAD 44(8), 2025, doi 10.1109/TCAD.2025.3537971.",
} as const;
