// What every target owes us. Loops over the registry: a new target is tested by being listed.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { RESOURCES } from "#ir/block-graph";
import { NEURON_MODELS } from "#neurons/index";
import { CORE_FORMULAS } from "#compiler/encode/formulas/index";
import { PARTITIONERS } from "#compiler/partition/index";
import { PASSES } from "#compiler/passes/index";
import { PLACERS } from "#compiler/place/index";
import { ROUTERS } from "#compiler/route/index";
import { WALL_COUNTERS } from "#compiler/verify/formulas/index";
import { barrierNs } from "#simulator/timing/simple";
import { TIMING_MODELS } from "#simulator/timing/index";
import {
  checkTarget,
  contentHash,
  findProfile,
  findTarget,
  parseTarget,
  TARGETS,
  targetTable,
  targetToJson,
} from "#targets/index";
import { actionsOf } from "#targets/actions";
import { energyPj, timeNs } from "#targets/quantity";
import {
  coresPerChip,
  LAW_NEEDS,
  PRICED_ACTIONS,
  tileOf,
  type Factor,
  type PricedAction,
  type Quantity,
} from "#targets/target";
import { DiagnosticSink } from "#util/diagnostic";

test("no two targets share a name", () => {
  assert.equal(new Set(TARGETS.map((target) => target.name)).size, TARGETS.length);
});

test("no two targets, and no two profiles, say the same", () => {
  const hashes = TARGETS.flatMap((target) => [target, ...target.profiles]).map(contentHash);
  assert.equal(new Set(hashes).size, hashes.length);
});

/** Every quantity in a value, with its place. */
function quantitiesOf(value: unknown, path = ""): { path: string; quantity: Quantity }[] {
  if (typeof value !== "object" || value === null) return [];
  if ("evidence" in value) return [{ path, quantity: value as Quantity }];
  return Object.entries(value).flatMap(([key, part]) => quantitiesOf(part, `${path}/${key}`));
}

function factorOf(factor: Factor | undefined, action: PricedAction): number | undefined {
  return typeof factor === "object" ? factor[action] : factor;
}

for (const target of TARGETS) {
  describe(`target ${target.name}`, () => {
    test("breaks no rule", () => {
      assert.deepEqual(checkTarget(target), []);
    });

    test("is found by its name, and its default profile by none", () => {
      const sink = new DiagnosticSink();
      assert.equal(findTarget(target.name, sink), target);
      assert.equal(findProfile(target, undefined, sink)?.name, target.defaultProfile);
      assert.deepEqual(sink.diagnostics, []);
    });

    test("survives the way through its file", () => {
      const sink = new DiagnosticSink();
      assert.deepEqual(parseTarget(targetToJson(target), sink), target);
      assert.deepEqual(sink.diagnostics, []);
    });

    test("lists only neuron models that exist", () => {
      const known = NEURON_MODELS.map((model) => model.name);
      assert.deepEqual(
        target.neuronModels.filter((name) => !known.includes(name)),
        [],
      );
    });

    test("names only passes, algorithms and formulas that exist", () => {
      const names = (registry: readonly { readonly name: string }[]): string[] =>
        registry.map(({ name }) => name);
      const { passes = {}, defaults = {} } = target;
      for (const name of [...(passes.prepare ?? []), ...(passes.legalize ?? [])])
        assert.ok(names(PASSES).includes(name), name);
      if (defaults.partitioner !== undefined) assert.ok(names(PARTITIONERS).includes(defaults.partitioner));
      if (defaults.placer !== undefined) assert.ok(names(PLACERS).includes(defaults.placer));
      if (defaults.router !== undefined) assert.ok(names(ROUTERS).includes(defaults.router));
      for (const { formula } of target.packers) {
        if (target.status === "report-only") assert.equal(formula, "opaque");
        else {
          assert.ok(
            CORE_FORMULAS.some((entry) => entry.formula === formula),
            formula,
          );
          assert.ok(
            WALL_COUNTERS.some((entry) => entry.formula === formula),
            formula,
          );
        }
      }
      assert.ok(target.neuronModels.includes(target.neuron.model));
    });

    test("says what is assumed of it, if it is experimental or of no use for mapping", () => {
      if (target.status !== undefined) assert.ok((target.caveats ?? []).length > 0);
    });

    test("has no number from memory, and keeps notes short", () => {
      for (const { path, quantity } of quantitiesOf(target)) {
        assert.notEqual(quantity.evidence as string, "memory", path);
        assert.ok((quantity.note ?? "").length <= 320, path);
      }
    });

    test("puts every core on its mesh, as many on each tile", () => {
      const { columns, rows, coresPerTile } = target.mesh;
      const perTile = new Map<string, number>();
      for (let core = 0; core < 2 * coresPerChip(target); core++) {
        const { chip, x, y } = tileOf(target, core);
        assert.ok(x >= 0 && x < columns && y >= 0 && y < rows);
        perTile.set(`${chip} ${x} ${y}`, (perTile.get(`${chip} ${x} ${y}`) ?? 0) + 1);
      }
      assert.equal(perTile.size, 2 * columns * rows);
      assert.ok([...perTile.values()].every((count) => count === coresPerTile));
    });

    test("shows every limit and every price", () => {
      const sections = targetTable(target);
      for (const { columns, rows } of sections) assert.ok(rows.every((row) => row.length === columns.length));
      const first = sections.flatMap(({ rows }) => rows.map((row) => row[0]));
      for (const resource of RESOURCES) assert.ok(first.includes(`${resource} of a core`));
      for (const action of actionsOf(target)) {
        assert.equal(
          sections.filter(
            ({ rows, columns }) => columns[0] === "action" && rows.some(([name]) => name === action),
          ).length,
          target.profiles.length,
        );
      }
    });

    for (const profile of target.profiles) {
      test(`has prices in ${profile.name} that convert, and a barrier that never shrinks`, () => {
        for (const action of PRICED_ACTIONS) {
          const [energy, time] = [profile.energy[action], profile.time[action]];
          if (energy !== null) assert.ok(energyPj(energy) >= 0);
          if (time !== null) assert.ok(timeNs(time) >= 0);
        }
        if (profile.barrier.length === 0) return;
        const tiles = target.mesh.columns * target.mesh.rows;
        const barriers = Array.from({ length: tiles }, (_, i) => barrierNs(profile, i + 1));
        assert.ok(barriers.every((ns, i) => ns >= 0 && (i === 0 || ns >= barriers[i - 1])));
      });

      test(`has what the law of ${profile.name} goes by, or says that it has not`, () => {
        if (profile.law === "max-core") return;
        assert.ok(TIMING_MODELS.some(({ name }) => name === profile.law));
        const missing = LAW_NEEDS[profile.law].filter(
          (rate) => !(rate in (profile.laws?.[profile.law as "cycles"] ?? {})),
        );
        if (missing.length > 0)
          assert.match([profile.title, ...profile.unpriced].join("\n"), /time|rate/i, missing.join());
      });

      test(`repeats its base where ${profile.name} is scaled or inherited`, () => {
        const { base, kind } = profile;
        if (base === undefined) return;
        const sink = new DiagnosticSink();
        const of = findTarget(base.target, sink);
        const from = of && findProfile(of, base.profile, sink);
        assert.deepEqual(sink.diagnostics, []);
        let scaled = 0;
        for (const [key, factors] of [
          ["energy", base.energyFactor],
          ["time", base.timeFactor],
        ] as const) {
          for (const action of PRICED_ACTIONS) {
            const price = profile[key][action];
            if (price?.evidence !== "scaled" && kind === "scaled") continue;
            if (price === null) continue;
            const source = from?.[key][action] ?? null;
            assert.ok(source !== null, `${key} of ${action} has a base`);
            const convert = key === "energy" ? energyPj : timeNs;
            const expected = convert(source) * (factorOf(factors, action) ?? 1);
            assert.ok(Math.abs(convert(price) - expected) <= 1e-9 * expected + 1e-12, `${key} of ${action}`);
            scaled++;
          }
        }
        assert.ok(scaled > 0);
      });
    }
  });
}
