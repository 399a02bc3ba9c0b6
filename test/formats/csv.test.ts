import assert from "node:assert/strict";
import { describe, test } from "vitest";
import fc from "fast-check";
import { compile } from "#compiler/compile";
import type { Deployment } from "#ir/deployment";
import { csvExporter } from "#formats/csv/exporter";
import { csvText } from "#formats/csv/text";
import { forEachEntry } from "#ir/connectivity";
import { routeHops } from "#targets/route";
import { loihi1 } from "#targets/loihi1/index";
import { assertGolden } from "#test/golden";
import { randomQuantized } from "#test/networks";
import { tightTarget } from "#test/tight-target";
import { DiagnosticSink } from "#util/diagnostic";
import { createRng } from "#util/rng";

async function table(deployment: Deployment, what?: string): Promise<Record<string, string>[]> {
  return records(await textOf(deployment, what));
}

async function textOf(deployment: Deployment, what?: string): Promise<string> {
  const sink = new DiagnosticSink();
  const network = { name: "", populations: [], projections: [], inputs: [], outputs: [] };
  const options: Record<string, string> = what === undefined ? {} : { what };
  const files = await csvExporter.write(
    { network, deployment, target: loihi1, generator: "test" },
    options,
    sink,
  );
  assert.deepEqual(sink.diagnostics, []);
  return new TextDecoder().decode(files![0].bytes);
}

/** RFC 4180, read back. */
function parse(text: string): string[][] {
  const rows: string[][] = [];
  for (let at = 0; at < text.length;) {
    const row: string[] = [];
    for (;;) {
      const [cell] = /^(?:"(?:[^"]|"")*"|[^,\n]*)/.exec(text.slice(at)) as RegExpExecArray;
      row.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
      at += cell.length;
      if (text[at++] !== ",") break;
    }
    rows.push(row);
  }
  return rows;
}

function records(text: string): Record<string, string>[] {
  const [heading, ...rows] = parse(text);
  return rows.map((row) => {
    assert.equal(row.length, heading.length);
    return Object.fromEntries(row.map((cell, c) => [heading[c], cell]));
  });
}

test("text is read back as it was, whatever is in the cells", () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.string(), { minLength: 2, maxLength: 4 }), { minLength: 1 }), (rows) => {
      assert.deepEqual(parse(csvText(rows)), rows);
    }),
  );
});

const small = compile(
  randomQuantized(createRng(3), { inputs: 3, sizes: [4, 2], density: 0.6 }),
  tightTarget({ neurons: 3 }),
  {},
).deployment;

for (const what of ["cores", "routes", "synapses"])
  test(`writes ${what} like this`, async () => {
    assertGolden(`csv/${what}.csv`, await textOf(small, what));
  });

describe("on random networks", () => {
  test("the synapses are those of the network", async () => {
    for (let seed = 0; seed < 20; seed++) {
      const rng = createRng(seed);
      const network = randomQuantized(rng, { recurrent: seed % 2 === 0, maxDelaySteps: 3 });
      const { deployment } = compile(network, tightTarget({ neurons: 1 + Math.floor(6 * rng()) }), {});
      const expected = network.projections.flatMap(
        ({ pre, post, connectivity, delaySteps, quantization }) => {
          const list: string[] = [];
          forEachEntry(connectivity, (row, col, weight) => {
            const names = [network.populations[pre].name, row, network.populations[post].name, col];
            if (weight !== 0) list.push([...names, weight, quantization!.weightExponent, delaySteps].join());
          });
          return list;
        },
      );
      const rows = (await table(deployment, "synapses")).filter(({ weight }) => weight !== "0");
      const found = rows.map((r) =>
        [
          r["source"],
          r["source_neuron"],
          r["target"],
          r["target_neuron"],
          r["weight"],
          r["weight_exponent"],
          r["delay_steps"],
        ].join(),
      );
      assert.deepEqual(found.toSorted(), expected.toSorted(), `seed ${seed}`);
    }
  });

  test("the core map covers every neuron once, and its sums are those of the other tables", async () => {
    for (let seed = 0; seed < 20; seed++) {
      const rng = createRng(seed);
      const network = randomQuantized(rng, { recurrent: true });
      const target = tightTarget({ neurons: 1 + Math.floor(5 * rng()) });
      const { deployment } = compile(network, target, {});
      const cores = await table(deployment);
      const covered = new Map<string, Set<number>>();
      for (const { populations } of cores)
        for (const [, name, begin, end] of populations.matchAll(/(\S+)\[(\d+):(\d+)\]/g))
          for (let n = Number(begin); n < Number(end); n++) {
            const seen = covered.get(name) ?? new Set();
            assert.ok(!seen.has(n), `${name} ${n} stands twice`);
            covered.set(name, seen.add(n));
          }
      for (const { name, size, model } of network.populations)
        assert.equal(covered.get(name)?.size ?? 0, model === "input" ? 0 : size, name);

      const routes = await table(deployment, "routes");
      for (const core of cores) {
        const [sent, got] = ["from_core", "to_core"].map((side) =>
          routes.filter((r) => r[side] === core["core"]),
        );
        assert.equal(String(sent.length), core["routes_out"]);
        const sum = (column: string): number => got.reduce((total, r) => total + Number(r[column]), 0);
        assert.equal(sum("synapses"), Number(core["synapses"]));
        assert.equal(sum("synapse_words"), Number(core["synapse_words"]));
        assert.equal(got.length, Number(core["axons_in"]));
      }
      for (const r of routes.filter((row) => row["from_core"] !== "")) {
        const hops = routeHops(loihi1, Number(r["from_core"]), Number(r["to_core"]));
        assert.deepEqual([r["hops_east_west"], r["hops_north_south"]].map(Number), [
          hops.eastWest,
          hops.northSouth,
        ]);
      }
    }
  });
});
