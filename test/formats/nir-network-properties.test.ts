// What the network of a NIR file computes, against the definition of each node written out in nested loops.
import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { depthFirst } from "#formats/nir/depth-first";
import { coverage, spread } from "#formats/nir/fields";
import { propagate } from "#ir/connectivity";
import { createRng } from "#util/rng";
import { array, chain, into, lower, population, type Value } from "./nir-network-builders.ts";

/** Numbers that sums keep exact, so that the order of additions does not matter. */
function numbers(count: number, seed: number): number[] {
  const rng = createRng(seed);
  return Array.from({ length: count }, () => Math.floor(rng() * 33) - 16);
}
const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Output of the only node of a chain, bias included. */
function evaluate(
  type: string,
  fields: Record<string, Value>,
  input: readonly number[],
  values: readonly number[],
  output: readonly number[],
): number[] {
  const { network, codes } = lower(chain(input, { node: [type, fields] }, output));
  assert.ok(network, codes.join(", "));
  const node = population(network, "node");
  assert.deepEqual(node.shape, output);
  const result = Float64Array.from(
    { length: node.size },
    (_, i) => node.bias?.[node.bias.length === 1 ? 0 : i] ?? 0,
  );
  propagate(into(network, "node").input.connectivity, Float64Array.from(values), result);
  return [...result];
}

const small = fc.integer({ min: 1, max: 3 });
const convolution = fc.record({
  groups: fc.integer({ min: 1, max: 2 }),
  channels: fc.tuple(small, small),
  size: fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 })),
  kernel: fc.tuple(small, small),
  stride: fc.tuple(small, small),
  dilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
  padding: fc.oneof(
    fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })),
    fc.constant("same"),
    fc.constant("valid"),
  ),
  seed: fc.integer(),
});

/** Zeros in front of each axis and the output size, by the rule in PyTorch's documentation. */
function window(
  size: readonly number[],
  kernel: readonly number[],
  stride: readonly number[],
  dilation: readonly number[],
  padding: string | readonly number[],
): { before: number[]; out: number[] } {
  const before: number[] = [];
  const out: number[] = [];
  size.forEach((length, axis) => {
    const reach = dilation[axis] * (kernel[axis] - 1);
    const total = padding === "same" ? reach : padding === "valid" ? 0 : 2 * Number(padding[axis]);
    before.push(Math.floor(total / 2));
    out.push(Math.floor((length + total - reach - 1) / stride[axis]) + 1);
  });
  return { before, out };
}

describe("a node computes its definition", () => {
  test("Conv2d: cross-correlation with stride, padding, dilation and groups", () => {
    fc.assert(
      fc.property(convolution, ({ groups, channels, size, kernel, stride, dilation, padding, seed }) => {
        const [outPer, inPer] = channels;
        const [outs, ins] = [outPer * groups, inPer * groups];
        const { before, out } = window(size, kernel, stride, dilation, padding);
        fc.pre(out.every((length) => length > 0));
        const weight = numbers(outs * inPer * product(kernel), seed);
        const bias = numbers(outs, seed + 1);
        const x = numbers(ins * product(size), seed + 2);
        const expected: number[] = [];
        for (let o = 0; o < outs; o++)
          for (let y = 0; y < out[0]; y++)
            for (let z = 0; z < out[1]; z++) {
              let sum = bias[o];
              for (let i = 0; i < inPer; i++)
                for (let ky = 0; ky < kernel[0]; ky++)
                  for (let kz = 0; kz < kernel[1]; kz++) {
                    const sy = y * stride[0] + ky * dilation[0] - before[0];
                    const sz = z * stride[1] + kz * dilation[1] - before[1];
                    if (sy < 0 || sz < 0 || sy >= size[0] || sz >= size[1]) continue;
                    const channel = Math.floor(o / outPer) * inPer + i;
                    sum +=
                      weight[((o * inPer + i) * kernel[0] + ky) * kernel[1] + kz] *
                      x[(channel * size[0] + sy) * size[1] + sz];
                  }
              expected.push(sum);
            }
        const fields = {
          weight: array(weight, [outs, inPer, ...kernel]),
          bias,
          groups,
          stride,
          dilation,
          padding,
          input_shape: size,
        };
        assert.deepEqual(evaluate("Conv2d", fields, [ins, ...size], x, [outs, ...out]), expected);
      }),
    );
  });

  test("Conv1d: the same in one dimension", () => {
    fc.assert(
      fc.property(
        convolution,
        ({ groups, channels, size: [, n], kernel: [, k], stride: [, s], dilation: [, d], padding, seed }) => {
          const [outPer, inPer] = channels;
          const [outs, ins] = [outPer * groups, inPer * groups];
          const pad = typeof padding === "string" ? padding : [padding[1]];
          const { before, out } = window([n], [k], [s], [d], pad);
          fc.pre(out[0] > 0);
          const weight = numbers(outs * inPer * k, seed);
          const x = numbers(ins * n, seed + 2);
          const expected: number[] = [];
          for (let o = 0; o < outs; o++)
            for (let y = 0; y < out[0]; y++) {
              let sum = 0;
              for (let i = 0; i < inPer; i++)
                for (let j = 0; j < k; j++) {
                  const at = y * s + j * d - before[0];
                  if (at >= 0 && at < n)
                    sum += weight[(o * inPer + i) * k + j] * x[(Math.floor(o / outPer) * inPer + i) * n + at];
                }
              expected.push(sum);
            }
          const fields = {
            weight: array(weight, [outs, inPer, k]),
            bias: numbers(outs, 0).fill(0),
            groups,
            stride: s,
            dilation: d,
            padding: typeof pad === "string" ? pad : pad[0],
            input_shape: n,
          };
          assert.deepEqual(evaluate("Conv1d", fields, [ins, n], x, [outs, ...out]), expected);
        },
      ),
    );
  });

  test("SumPool2d and AvgPool2d: sum and mean over the full window, padding included", () => {
    fc.assert(
      fc.property(convolution, ({ channels: [, c], size, kernel, stride, padding, seed }) => {
        const pad = typeof padding === "string" ? [0, 0] : padding;
        const { before, out } = window(size, kernel, stride, [1, 1], pad);
        fc.pre(out.every((length) => length > 0));
        const x = numbers(c * product(size), seed);
        const sums: number[] = [];
        for (let i = 0; i < c; i++)
          for (let y = 0; y < out[0]; y++)
            for (let z = 0; z < out[1]; z++) {
              let sum = 0;
              for (let ky = 0; ky < kernel[0]; ky++)
                for (let kz = 0; kz < kernel[1]; kz++) {
                  const sy = y * stride[0] + ky - before[0];
                  const sz = z * stride[1] + kz - before[1];
                  if (sy >= 0 && sz >= 0 && sy < size[0] && sz < size[1])
                    sum += x[(i * size[0] + sy) * size[1] + sz];
                }
              sums.push(sum);
            }
        const fields = { kernel_size: kernel, stride, padding: pad };
        const shape = [c, ...out];
        assert.deepEqual(evaluate("SumPool2d", fields, [c, ...size], x, shape), sums);
        const means = evaluate("AvgPool2d", fields, [c, ...size], x, shape);
        means.forEach((mean, i) => assert.ok(Math.abs(mean - sums[i] / product(kernel)) < 1e-12));
      }),
    );
  });

  test("Linear and Affine: a matrix for each index of the leading axes", () => {
    const shapes = fc.record({
      lead: fc.array(small, { maxLength: 2 }),
      outs: small,
      ins: small,
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(shapes, ({ lead, outs, ins, seed }) => {
        const weight = numbers(product(lead) * outs * ins, seed);
        const bias = numbers(outs, seed + 1);
        const x = numbers(product(lead) * ins, seed + 2);
        const expected: number[] = [];
        for (let block = 0; block < product(lead); block++)
          for (let o = 0; o < outs; o++) {
            let sum = 0;
            for (let i = 0; i < ins; i++) sum += weight[(block * outs + o) * ins + i] * x[block * ins + i];
            expected.push(sum);
          }
        const fields = { weight: array(weight, [...lead, outs, ins]) };
        assert.deepEqual(evaluate("Linear", fields, [...lead, ins], x, [...lead, outs]), expected);
        const withBias = expected.map((sum, i) => sum + bias[i % outs]);
        assert.deepEqual(
          evaluate("Affine", { ...fields, bias }, [...lead, ins], x, [...lead, outs]),
          withBias,
        );
      }),
    );
  });
});

describe("depth-first search", () => {
  const graphs = fc.integer({ min: 1, max: 12 }).chain((nodes) => {
    const node = fc.integer({ min: 0, max: nodes - 1 });
    const edge = fc.tuple(node, node);
    return fc.record({
      nodes: fc.constant(nodes),
      edges: fc.uniqueArray(edge, { maxLength: 30, selector: String }),
      roots: fc.uniqueArray(node, { maxLength: 3 }),
    });
  });

  test("orders every graph along the edges that close no cycle, and cuts every cycle", () => {
    fc.assert(
      fc.property(graphs, ({ nodes, edges, roots }) => {
        const list = { from: edges.map(([from]) => from), to: edges.map(([, to]) => to) };
        const { order, closesCycle } = depthFirst(nodes, list, roots);
        assert.deepEqual(
          [...order].sort((a, b) => a - b),
          Array.from({ length: nodes }, (_, i) => i),
        );
        edges.forEach(([from, to], edge) => {
          if (!closesCycle[edge]) assert.ok(order.indexOf(from) < order.indexOf(to));
          else assert.ok(leadsTo(edges, to, from), "a cut edge lies on a cycle");
        });
      }),
    );
  });

  test("cuts the same edges whatever their order", () => {
    fc.assert(
      fc.property(graphs, ({ nodes, edges, roots }) => {
        const cut = (order: typeof edges): string[] => {
          const found = depthFirst(
            nodes,
            { from: order.map(([from]) => from), to: order.map(([, to]) => to) },
            roots,
          );
          return order
            .filter((_, edge) => found.closesCycle[edge])
            .map(String)
            .sort();
        };
        assert.deepEqual(cut(edges.toReversed()), cut(edges));
      }),
    );
  });
});

function leadsTo(edges: readonly (readonly [number, number])[], from: number, to: number): boolean {
  const seen = new Set([from]);
  for (let size = 0; size !== seen.size;) {
    size = seen.size;
    for (const [a, b] of edges) if (seen.has(a)) seen.add(b);
  }
  return seen.has(to);
}

test("spreading repeats along axes of length 1, as NumPy does", () => {
  const shapes = fc.array(fc.tuple(small, fc.boolean()), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(shapes, (axes) => {
      const to = axes.map(([length]) => length);
      const from = axes.map(([length, repeated]) => (repeated ? 1 : length));
      fc.pre(coverage(from, to) === "axes");
      const values = numbers(product(from), 3);
      const expected: number[] = [];
      const visit = (axis: number, flat: number): void => {
        if (axis === to.length) expected.push(values[flat]);
        else
          for (let i = 0; i < to[axis]; i++) visit(axis + 1, flat * from[axis] + (from[axis] === 1 ? 0 : i));
      };
      visit(0, 0);
      assert.deepEqual([...(spread(values, from, to) ?? [])], expected);
    }),
  );
});
