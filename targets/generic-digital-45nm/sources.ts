/** Where the numbers of this folder come from. Cited by key, with table or section after "#". */
export const SOURCES = {
  horowitz2014:
    "M. Horowitz, Computing's Energy Problem (and what we can do about it), ISSCC 2014. Rough energies in 45 nm; read in public code that quotes them.",
} as const;
