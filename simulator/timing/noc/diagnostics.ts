import type { Diagnostic } from "#util/diagnostic";

// Every message of the `noc` timing model, in alphabetical order.

export function nocRateUnknown(facts: { target: string; hasNoc: boolean }): Diagnostic {
  const { target, hasNoc } = facts;
  return {
    code: "timing/noc-rate-unknown",
    severity: "error",
    message: `timing model "noc" needs the time of a flit on a link (noc.cycleNs, more than 0 ns), but target "${target}" ${hasNoc ? "does not say it" : "says nothing of its network (noc)"}.`,
    subject: hasNoc ? "target.noc.cycleNs" : "target.noc",
    hint: "choose another timing model, or a target file with noc.cycleNs.",
    data: { target },
  };
}

export function nocTileTooLarge(facts: {
  target: string;
  coresPerTile: number;
  maxCoresPerTile: number;
}): Diagnostic {
  const { target, coresPerTile, maxCoresPerTile } = facts;
  return {
    code: "timing/noc-tile-too-large",
    severity: "error",
    message: `timing model "noc" follows messages in tiles of up to ${maxCoresPerTile} cores, but a tile of target "${target}" has ${coresPerTile}.`,
    subject: "target.mesh.coresPerTile",
    hint: "choose another timing model.",
    data: { target, coresPerTile, maxCoresPerTile },
  };
}
