import { test } from "vitest";
import { readdirSync, readFileSync, existsSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { sharedPath } from "#test/shared";
import { readNetwork } from "#formats/index";
import { DiagnosticSink, formatDiagnostic } from "#util/diagnostic";
import { simulateReference } from "#simulator/reference-float";
const c = sharedPath("corpus")!;
const gz = (f: string) => JSON.parse(gunzipSync(readFileSync(f)).toString());
const sample = (s: any, n: number) => {
  if (!Array.isArray(s)) return { step: Uint32Array.from(s.t), index: Uint32Array.from(s.i), ...(s.x ? { value: Float64Array.from(s.x) } : {}) };
  const st: number[] = [], ix: number[] = [], v: number[] = [];
  s.forEach((x: number, k: number) => { if (x !== 0) { st.push(Math.floor(k / n)); ix.push(k % n); v.push(x); } });
  return { step: Uint32Array.from(st), index: Uint32Array.from(ix), value: Float64Array.from(v) };
};
const toSpikes = (d: any): any => ({ steps: d.shape[0], shape: d.shape.slice(1), samples: d.samples.slice(0, 1).map((s: any) => sample(s, d.shape.slice(1).reduce((a: number, b: number) => a * b, 1))) });
test("sim", async () => {
  for (const g of ["sim", "writer_variants", "models"]) for (const n of readdirSync(`${c}/${g}`)) {
    const dir = `${c}/${g}/${n}`; const kase = JSON.parse(readFileSync(`${dir}/case.json`, "utf8"));
    const model = g === "sim" ? `${c}/${kase.model_of}` : `${dir}/model.nir`;
    const exp = gz(`${dir}/expected.json.gz`); const inp = gz(`${dir}/input.json.gz`);
    for (const v of exp.variants) {
      const o = v.reference_options; const sink = new DiagnosticSink();
      const net = await readNetwork(readFileSync(model), { dtSeconds: o.dt ?? 1e-4, reset: o.reset ?? "value", ...(o.compare?{compare:o.compare}:{compare:">"}), ...(o.v_min!==undefined?{vMinThresholds:o.v_min}:{}), integrator:"euler" } as any, sink);
      if (!net) { console.log(n, sink.diagnostics.map(formatDiagnostic)); continue; }
      const inputs = inp.shape ? { [net.inputs[0].name]: toSpikes(inp) } : Object.fromEntries(Object.entries(inp).map(([k, d]) => [k, toSpikes(d)]));
      let r: any; try { r = simulateReference(net, inputs as any, { record: "all", outDelay: o.out_delay ?? 0 }); } catch (e) { console.log(n, String(e).slice(0, 500)); continue; }
      for (const [node, d] of Object.entries(v.spikes as any)) {
        const e = toSpikes(d).samples[0]; const got = r.recorded[node].samples[0];
        const key = (s: any) => { const m = new Map(); for (let k=0;k<s.step.length;k++) m.set(s.step[k]*1e7+s.index[k], s.value?s.value[k]:1); return m; };
        const a = key(e), b = key(got); let diff = 0; for (const [k, x] of a) if (b.get(k) !== x) diff++; for (const k of b.keys()) if (!a.has(k)) diff++;
        console.log(n, v.name, node, "expected", a.size, "diff", diff);
      }
    }
  }
}, 120000);
