import type { Diagnostic } from "#util/diagnostic";

// Every message of core placement; see `compiler/diagnostics.ts`.

export function tooFewSites(facts: { cores: number; sites: number }): Diagnostic {
  const { cores, sites } = facts;
  return {
    code: "placement/too-few-sites",
    severity: "error",
    message: `${cores} cores are to be placed, but the mesh has sites for ${sites}.`,
    hint: "use a larger mesh or more chips, or partition into fewer cores.",
    data: facts,
  };
}
