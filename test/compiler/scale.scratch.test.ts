import { test } from "vitest";
import { compile, verify } from "#compiler/index";
import { loihi1 } from "#targets/loihi1/index";
import { input, loihiCuba, network, edge, between } from "#test/networks";
import { createRng } from "#util/rng";
import { DiagnosticSink } from "#util/diagnostic";
import type { SparseMatrix } from "#ir/network";

function rnd(rows: number, cols: number, density: number, seed: number): SparseMatrix {
  const rng = createRng(seed);
  const rowStart = new Uint32Array(rows + 1);
  const col: number[] = [];
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) if (rng() < density) col.push(c);
    rowStart[r + 1] = col.length;
  }
  return {
    kind: "sparse",
    rows,
    cols,
    rowStart,
    colIndex: Uint32Array.from(col),
    values: Float64Array.from(col, () => 2 * between(rng, 1, 120) * (rng() < 0.5 ? 1 : -1)),
  };
}
const q = { weightBits: 8, signMode: "mixed", weightExponent: 0 } as const;
test("scale", () => {
  const S = Number(process.env.S ?? 1);
  const n = Math.round(4000 * S);
  const net = network(
    [
      input("in", n),
      loihiCuba("a", n, {}, { startStep: 1 }),
      loihiCuba("b", n, {}, { startStep: 2 }),
      loihiCuba("c", 100, {}, { startStep: 3 }),
    ],
    [
      edge("in", "a", rnd(n, n, 0.31, 1), { delaySteps: 1, quantization: q }),
      edge("a", "b", rnd(n, n, 0.31, 2), { delaySteps: 1, quantization: q }),
      edge("b", "c", rnd(n, 100, 0.31, 3), { delaySteps: 1, quantization: q }),
    ],
  );
  const nnz = net.projections.reduce((s, p) => s + (p.connectivity as SparseMatrix).values.length, 0);
  let t = performance.now();
  const r = compile(net, loihi1, { chips: 4 });
  const a = performance.now() - t;
  t = performance.now();
  const sink = new DiagnosticSink();
  const v = verify(r.deployment, net, loihi1, sink);
  console.log(
    nnz,
    "compile",
    a,
    "verify",
    performance.now() - t,
    v.ok,
    JSON.stringify(r.utilization),
    process.memoryUsage().rss / 1e6,
    sink.diagnostics[0],
  );
}, 600000);
