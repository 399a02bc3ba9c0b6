// Small model and input files for tests of the command line.
import { writeNirFile } from "#formats/nir/write-file";
import type { NirArray, NirFile, NirNode } from "#formats/nir/graph";

type Fields = Readonly<Record<string, NirArray>>;

const STEPS = 6;
const INPUTS = 4;

export function numbers(values: readonly number[], shape: readonly number[] = [values.length]): NirArray {
  return { data: Float64Array.from(values), shape, dtype: "float64" };
}

const constant = (size: number, value: number): NirArray => numbers(new Array<number>(size).fill(value));

function lif(size: number, fields: Fields = {}): Fields {
  const tau = 1e-3;
  return {
    tau: constant(size, tau),
    r: constant(size, tau * 1e4),
    v_leak: constant(size, 0),
    v_threshold: constant(size, 1),
    v_reset: constant(size, 0),
    ...fields,
  };
}

/** Weights `[outputs, inputs]`, half of them pruned. */
function weights(outputs: number, inputs: number, scale: number): NirArray {
  const values = Array.from({ length: outputs * inputs }, (_, i) =>
    (i + Math.floor(i / inputs)) % 2 === 0 ? scale * (1 + (i % 5)) : 0,
  );
  return numbers(values, [outputs, inputs]);
}

const node = (name: string, type: string, fields: Fields): NirNode => ({
  name,
  path: `/node/nodes/${name}`,
  type,
  fields,
  metadata: {},
});

export interface SmallModel {
  /** Replaces fields of nodes by name. */
  readonly fields?: Readonly<Record<string, Fields>>;
  readonly without?: readonly string[];
  readonly scale?: number;
  readonly hidden?: number;
}

/** input(4) -> fc1 -> lif1(5) -> fc2 -> lif2(3) -> output, as snnTorch would write it. */
export function smallModel({ fields = {}, without = [], scale = 0.3, hidden = 5 }: SmallModel = {}): NirFile {
  const nodes = [
    node("input", "Input", { shape: numbers([INPUTS]) }),
    node("fc1", "Linear", { weight: weights(hidden, INPUTS, scale) }),
    node("lif1", "LIF", lif(hidden)),
    node("fc2", "Linear", { weight: weights(3, hidden, scale) }),
    node("lif2", "LIF", lif(3)),
    node("output", "Output", { shape: numbers([3]) }),
  ].map((plain) => ({ ...plain, fields: { ...plain.fields, ...fields[plain.name] } }));
  const names = nodes.map(({ name }) => name);
  const edges = names.slice(1).map((name, i) => [names[i], name] as const);
  return {
    version: "1.0",
    root: {
      nodes: nodes.filter(({ name }) => !without.includes(name)).sort((a, b) => (a.name < b.name ? -1 : 1)),
      edges: edges.filter((edge) => !edge.some((name) => without.includes(name))),
      metadata: {},
    },
  };
}

export const modelBytes = (model: SmallModel = {}): Promise<Uint8Array> => writeNirFile(smallModel(model));

/** Two samples in the corpus layout. */
export function spikesJson({ inputs = INPUTS, samples = 2 } = {}): string {
  const sample = (s: number): { t: number[]; i: number[] } => {
    const t: number[] = [];
    const i: number[] = [];
    for (let step = 0; step < STEPS; step++)
      for (let element = 0; element < inputs; element++)
        if ((step + element + s) % 2 === 0) {
          t.push(step);
          i.push(element);
        }
    return { t, i };
  };
  return JSON.stringify({
    shape: [STEPS, inputs],
    samples: Array.from({ length: samples }, (_, s) => sample(s)),
  });
}
