// Messages about files of bare connectivity, in alphabetical order.
import type { Diagnostic } from "#util/diagnostic";

export function badHeader(facts: { format: string; reason: string; hint: string }): Diagnostic {
  const { format, reason, hint } = facts;
  return {
    code: "connectivity/bad-header",
    severity: "error",
    message: `the ${format} file does not begin as such files do: ${reason}.`,
    hint,
    data: { format, reason },
  };
}

export function badNumber(facts: {
  file: string;
  line: number;
  found: string;
  expected: string;
}): Diagnostic {
  const { file, line, found, expected } = facts;
  return {
    code: "connectivity/bad-number",
    severity: "error",
    message: `line ${line} of the ${file} has ${found} where ${expected} is needed.`,
    subject: `line ${line}`,
    hint: "correct the line, or write the file again.",
    data: facts,
  };
}

export function badRate(facts: { edge: number; rate: number }): Diagnostic {
  const { edge, rate } = facts;
  return {
    code: "connectivity/bad-rate",
    severity: "error",
    message: `edge ${edge} has a rate of ${rate}; rates are finite numbers of spikes, 0 or more.`,
    subject: `edge ${edge}`,
    hint: "write the file again with a rate for every edge.",
    data: { edge, rate: String(rate) },
  };
}

export function coreTooLarge(facts: { neuron: number; core: number; largest: number }): Diagnostic {
  const { neuron, core, largest } = facts;
  return {
    code: "connectivity/core-too-large",
    severity: "error",
    message: `neuron ${neuron} is on core ${core}, but cores are numbered from 0 to ${largest}.`,
    subject: `line ${neuron + 1}`,
    hint: "number the cores from 0 on.",
    data: facts,
  };
}

export function edgesUnited(facts: { sources: number; edges: number; rates: number }): Diagnostic {
  const { sources, edges, rates } = facts;
  const highest = rates === 0 ? "" : `; for ${rates} of them rates differ, and the highest was taken`;
  return {
    code: "connectivity/edges-united",
    severity: rates === 0 ? "note" : "warning",
    message: `${sources} neurons are the source of several edges (${edges} in all); each neuron has one axon, so their targets were united${highest}.`,
    hint: "give every source one edge, if this is not what was meant.",
    data: facts,
  };
}

export function emptyCores(facts: { empty: number; cores: number }): Diagnostic {
  const { empty, cores } = facts;
  return {
    code: "connectivity/empty-cores",
    severity: "note",
    message: `${empty} of the ${cores} core numbers are not used; cores are counted and numbered without them.`,
    data: facts,
  };
}

export function notSorted(facts: { axon: number }): Diagnostic {
  return {
    code: "connectivity/starts-not-ascending",
    severity: "error",
    message: `the list of axon ${facts.axon} begins behind its end, or outside the file's synapses.`,
    subject: `axon ${facts.axon}`,
    hint: "the file is damaged: write it again.",
    data: facts,
  };
}

export function placeTwice(facts: { first: number; second: number; x: number; y: number }): Diagnostic {
  const { first, second, x, y } = facts;
  return {
    code: "connectivity/place-twice",
    severity: "error",
    message: `cores ${first} and ${second} are both at column ${x}, row ${y}; a place holds one core.`,
    subject: `line ${second + 1}`,
    hint: "give every core a place of its own.",
    data: facts,
  };
}

export function ratesScaled(facts: { factor: number }): Diagnostic {
  return {
    code: "connectivity/rates-scaled",
    severity: "note",
    message: `hMETIS weights are whole numbers: rates were multiplied by ${Number(facts.factor.toPrecision(4))} and rounded.`,
    data: facts,
  };
}

export function repeatedTargets(facts: { repeats: number }): Diagnostic {
  return {
    code: "connectivity/repeated-targets",
    severity: "warning",
    message: `${facts.repeats} targets stand twice or more in the list of the same axon; each was taken once.`,
    hint: "a neuron and its target share one synapse here; unite parallel synapses beforehand if they must be counted.",
    data: facts,
  };
}

export function selfTargetsLeftOut(facts: { axons: number }): Diagnostic {
  return {
    code: "connectivity/self-targets-left-out",
    severity: "note",
    message: `${facts.axons} neurons reach themselves, which hMETIS files cannot say; these targets were left out.`,
    hint: "use .snnc or .snn to keep them.",
    data: facts,
  };
}

export function sizeMismatch(facts: {
  file: string;
  found: number;
  needed: number;
  unit: string;
  hint: string;
}): Diagnostic {
  const { file, found, needed, unit, hint } = facts;
  return {
    code: "connectivity/size-mismatch",
    severity: "error",
    message: `the ${file} has ${found} ${unit}, but ${needed} are needed.`,
    hint,
    data: { file, found, needed, unit },
  };
}

export function targetOutOfRange(facts: { edge: number; neuron: number; neurons: number }): Diagnostic {
  const { edge, neuron, neurons } = facts;
  return {
    code: "connectivity/neuron-out-of-range",
    severity: "error",
    message: `edge ${edge} names neuron ${neuron}, but the file has ${neurons} neurons, numbered from 0.`,
    subject: `edge ${edge}`,
    hint: "the file is damaged, or its numbering starts elsewhere.",
    data: facts,
  };
}

export function tooManyNeurons(facts: { neurons: number; bytes: number; limit: number }): Diagnostic {
  const { neurons, bytes, limit } = facts;
  return {
    code: "connectivity/too-many-neurons",
    severity: "error",
    message: `the file says that it has ${neurons} neurons, but with ${bytes} bytes at most ${limit} are believed.`,
    hint: "the file is damaged or cut off; leave out neurons without any synapse if there are really so many.",
    data: facts,
  };
}

export function truncated(facts: { format: string; what: string }): Diagnostic {
  const { format, what } = facts;
  return {
    code: "connectivity/truncated",
    severity: "error",
    message: `the ${format} file ends inside ${what}.`,
    hint: "the file is cut off or damaged: write or copy it again.",
    data: facts,
  };
}

export function unknownConnectivity(facts: { file: string; known: readonly string[] }): Diagnostic {
  const { file, known } = facts;
  return {
    code: "connectivity/unknown-format",
    severity: "error",
    message: `"${file}" is none of the files of connectivity that can be read: ${known.join(", ")}.`,
    hint: "give the file one of these endings, or name its format.",
    data: facts,
  };
}

export function unreadableGzip(facts: { limitBytes: number }): Diagnostic {
  return {
    code: "connectivity/unreadable-gzip",
    severity: "error",
    message: `the packed file is damaged, or unpacks to more than the ${facts.limitBytes} bytes that it may have.`,
    hint: "pack it again, or unpack it by hand.",
    data: facts,
  };
}

export function vertexWeightsUnused(facts: { others: number }): Diagnostic {
  return {
    code: "connectivity/vertex-weights-unused",
    severity: "warning",
    message: `${facts.others} vertices have a weight other than 1; every neuron takes one place here, and weights were not used.`,
    hint: "leave the vertex weights out (format 1 instead of 11).",
    data: facts,
  };
}
