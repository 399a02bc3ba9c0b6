// What every target owes us. Loops over the registry: a new target is tested by being listed.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { RESOURCES } from "#ir/block-graph";
import { NEURON_MODELS } from "#neurons/index";
import { barrierNs } from "#simulator/timing/simple";
import {
  checkTarget,
  findProfile,
  findTarget,
  parseTarget,
  TARGETS,
  targetTable,
  targetToJson,
} from "#targets/index";
import { actionsOf } from "#targets/actions";
import { energyPj, timeNs } from "#targets/quantity";
import { coresPerChip, PRICED_ACTIONS, tileOf } from "#targets/target";
import { DiagnosticSink } from "#util/diagnostic";

test("no two targets share a name", () => {
  assert.equal(new Set(TARGETS.map((target) => target.name)).size, TARGETS.length);
});

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
        const tiles = target.mesh.columns * target.mesh.rows;
        const barriers = Array.from({ length: tiles }, (_, i) => barrierNs(profile, i + 1));
        assert.ok(barriers.every((ns, i) => ns > 0 && (i === 0 || ns >= barriers[i - 1])));
      });
    }
  });
}
