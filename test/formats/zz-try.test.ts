import { test } from "vitest";
import { readdirSync, readFileSync, existsSync } from "node:fs";
import { sharedPath } from "#test/shared";
import { readNetwork } from "#formats/index";
import { DiagnosticSink, formatDiagnostic } from "#util/diagnostic";
test("try", async () => {
  const c = sharedPath("corpus")!;
  for (const g of ["peer_nir", "writer_variants", "models"]) for (const n of readdirSync(`${c}/${g}`)) {
    const sink = new DiagnosticSink();
    const t=performance.now();
    const net = await readNetwork(readFileSync(`${c}/${g}/${n}/model.nir`), { name: n }, sink);
    console.log("== " + g + "/" + n, net ? net.timestepNs : "REFUSED", Math.round(performance.now()-t)+"ms");
    for (const d of sink.diagnostics) console.log("   " + formatDiagnostic(d).split("\n  try")[0]);
    if (net && process.env.FULL) for (const p of net.projections) console.log("     ", p.name, p.connectivity.kind, p.connectivity.rows, p.connectivity.cols, p.delaySteps, p.beforeStart, p.layer);
    if (net && process.env.FULL) console.log("     ", net.populations.map(p=>`${p.name}:${p.model}[${p.shape}]${p.dynamics?JSON.stringify(p.dynamics):""}`).join("  "), JSON.stringify(net.inputs), JSON.stringify(net.outputs));
  }
});
