// Files that are well-formed HDF5 and nonsense as NIR: whatever stands in them, they end in diagnostics.
import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { inspectNir } from "#formats/nir/findings";
import type { NirField, NirFile, NirNode } from "#formats/nir/graph";
import { NODE_TYPES } from "#formats/nir/nodes";
import { repairedFile } from "#formats/nir/repair";
import { networkToNir } from "#formats/nir/write-network";
import { validateNetwork } from "#ir/validate";
import { simulateReference } from "#simulator/reference-float";
import { DiagnosticSink, ToolchainError } from "#util/diagnostic";
import { array, lower } from "./nir-network-builders.ts";

const FIELDS = [...new Set(NODE_TYPES.flatMap(({ fields }) => fields.map(({ name }) => name)))];

const number = fc.constantFrom(0, 1, 2, 3, -1, 0.5, 1e-3, 100, 1e9, NaN, Infinity);
const numbers: fc.Arbitrary<NirField> = fc
  .array(fc.integer({ min: 0, max: 3 }), { maxLength: 4 })
  .chain((shape) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return fc.array(number, { minLength: size, maxLength: size }).map((values) => array(values, shape));
  });
const field: fc.Arbitrary<NirField> = fc.oneof(
  { weight: 6, arbitrary: numbers },
  { weight: 1, arbitrary: fc.constantFrom<NirField>("same", "valid", "", ["a", "b"]) },
);
const names = ["a", "b", "c", "d.input", "d.output", "e"];
const name = fc.constantFrom(...names, "d", "missing", "b.a", "");
const type = fc.constantFrom(
  ...NODE_TYPES.map((entry) => entry.type).filter((t) => t !== "NIRGraph"),
  "MaxPool2d",
);

const node = (path: string): fc.Arbitrary<NirNode> =>
  fc
    .record({
      type,
      fields: fc.dictionary(fc.constantFrom(...FIELDS, "bogus"), field, { maxKeys: 8 }),
      metadata: fc.constant({}),
    })
    .map((content) => ({ name: "", path, ...content }));

const edges = fc.array(fc.tuple(name, name), { maxLength: 10 });
const randomFile: fc.Arbitrary<NirFile> = fc
  .record({ nodes: fc.uniqueArray(fc.constantFrom(...names), { maxLength: 6 }), edges, nested: fc.boolean() })
  .chain(({ nodes, edges: list, nested }) =>
    fc
      .tuple(...nodes.map((own) => node(`/node/nodes/${own}`).map((content) => ({ ...content, name: own }))))
      .map((contents) => {
        const flat = {
          nodes: contents.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
          edges: list,
          metadata: {},
        };
        if (!nested) return { root: flat };
        const sub: NirNode = {
          name: "b",
          path: "/node/nodes/b",
          type: "NIRGraph",
          fields: {},
          metadata: {},
          graph: flat,
        };
        const outer = flat.nodes.filter((n) => n.name !== "b");
        return {
          root: {
            nodes: [...outer, sub].sort((a, b) => (a.name < b.name ? -1 : 1)),
            edges: list,
            metadata: {},
          },
        };
      }),
  );

/** A field that suits its node more often than not, so that many files get past the first checks. */
const plausible = fc.integer({ min: 1, max: 3 }).chain((width) => {
  const vector = fc
    .constantFrom(width, 1)
    .chain((size) =>
      fc.array(fc.constantFrom(1, 2, 0.5), { minLength: size, maxLength: size }).map((v) => array(v)),
    );
  const square = fc
    .array(fc.constantFrom(-1, 0, 1, 2), { minLength: width * width, maxLength: width * width })
    .map((v) => array(v, [width, width]));
  const fieldOf = (fieldName: string): fc.Arbitrary<NirField> => {
    if (fieldName === "weight") return square;
    if (fieldName === "shape" || fieldName === "input_type") return fc.constant(array([width]));
    if (fieldName === "start_dim") return fc.constant(array([0], []));
    if (fieldName === "end_dim") return fc.constant(array([-1], []));
    return vector;
  };
  const vectorTypes = NODE_TYPES.filter(({ type: t }) => !/Conv|Pool|Graph/.test(t));
  const one = fc
    .constantFrom(...vectorTypes)
    .chain(({ type: t, fields }) =>
      fc
        .tuple(...fields.map(({ name: f }) => fieldOf(f).map((value) => [f, value] as const)))
        .map((pairs) => ({ type: t, fields: Object.fromEntries(pairs) })),
    );
  const edge = fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names));
  return fc
    .record({
      contents: fc.tuple(...names.map(() => one)),
      list: fc.array(edge, { minLength: 3, maxLength: 9 }),
    })
    .map(({ contents, list }): NirFile => {
      const nodes = contents.map((content, i): NirNode => ({
        name: names[i],
        path: `/node/nodes/${names[i]}`,
        metadata: {},
        ...content,
      }));
      return { root: { nodes, edges: list, metadata: {} } };
    });
});

function examine(nir: NirFile): void {
  const { network, diagnostics } = lower(nir, { dtSeconds: 1e-3 });
  assert.equal(
    network === undefined,
    diagnostics.some(({ severity }) => severity === "error"),
  );
  for (const { message, code } of diagnostics) {
    assert.match(code, /^nir\/[a-z0-9-]+$/);
    assert.match(message, /[.?]$/);
    assert.doesNotMatch(message, /undefined|\[object/);
  }
  inspectNir(nir);
  const fixed = repairedFile(nir, new DiagnosticSink());
  assert.equal(fixed === undefined, lower(nir).network === undefined);
  if (network === undefined) return;

  const faults = new DiagnosticSink();
  validateNetwork(network, faults);
  assert.deepEqual(
    faults.diagnostics.filter(({ severity }) => severity === "error"),
    [],
  );
  const silence = network.inputs.map(({ name: port, population }) => {
    const { shape } = network.populations[population];
    return [
      port,
      { steps: 3, shape, samples: [{ step: new Uint32Array(0), index: new Uint32Array(0) }] },
    ] as const;
  });
  simulateReference(network, Object.fromEntries(silence), { steps: 3 });
  try {
    networkToNir(network);
  } catch (error) {
    assert.ok(error instanceof ToolchainError, String(error));
  }
}

test("random nodes, fields and edges end in diagnostics or in a network that holds", () => {
  fc.assert(fc.property(randomFile, examine), { numRuns: 200 });
});

test("random graphs of sound nodes end in diagnostics or in a network that holds", () => {
  let loaded = 0;
  fc.assert(
    fc.property(plausible, (nir) => {
      examine(nir);
      if (lower(nir, { dtSeconds: 1e-3 }).network !== undefined) loaded++;
    }),
    { numRuns: 200 },
  );
  assert.ok(loaded > 20, `only ${loaded} of 200 were networks`);
});
