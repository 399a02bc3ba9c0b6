import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { compile, verify, type CompileOptions } from "#compiler/index";
import type { CoreProgram, Deployment } from "#ir/deployment";
import type { Network } from "#ir/network";
import { randomQuantized } from "#test/networks";
import { loihi1 } from "#targets/loihi1/index";
import type { Target } from "#targets/target";
import { DiagnosticSink } from "#util/diagnostic";
import { createRng } from "#util/rng";

const verdict = (deployment: Deployment, network: Network, target: Target = loihi1) => {
  const sink = new DiagnosticSink();
  const report = verify(deployment, network, target, sink);
  return { report, codes: [...new Set(sink.diagnostics.map(({ code }) => code))], sink };
};

/** A chain 6 -> 8 -> 5 -> 4 with a skip projection and feedback, over three cores. */
const sample = (): Network =>
  randomQuantized(createRng(5), {
    inputs: 6,
    sizes: [8, 5, 4],
    density: 0.7,
    maxDelaySteps: 4,
    recurrent: true,
  });

describe("verify", () => {
  test("finds nothing in what compile made, for random networks and all options", () => {
    const options = fc.record({
      packer: fc.constantFrom("nxtf", "nengo"),
      share: fc.constantFrom("never", "when-needed", "always"),
      keepZeros: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.nat(),
        fc.boolean(),
        fc.integer({ min: 1, max: 9 }),
        options,
        (seed, recurrent, maxDelaySteps, o) => {
          const network = randomQuantized(createRng(seed), { recurrent, maxDelaySteps });
          const { deployment } = compile(network, loihi1, o as CompileOptions);
          const { report, sink } = verdict(deployment, network);
          assert.deepEqual(sink.diagnostics, []);
          assert.equal(report.ok, true);
        },
      ),
      { numRuns: 200 },
    );
  });

  test("counts what it compared", () => {
    const network = sample();
    const { deployment } = compile(network, loihi1);
    const { report } = verdict(deployment, network);
    const nonzero = network.projections.reduce(
      (sum, { connectivity: c }) =>
        sum + (c.kind === "sparse" ? c.values.filter((v) => v !== 0).length : NaN),
      0,
    );
    assert.equal(report.synapses, nonzero);
    assert.equal(report.cores, 3);
    assert.equal(report.neurons, 17);
    assert.deepEqual(report.violations, {});
  });
});

type Edit = (deployment: Deployment) => Deployment;

/** Changes one core of the deployment; the others stay. */
const onCore =
  (index: number, change: (core: CoreProgram) => Partial<CoreProgram>): Edit =>
  (deployment) => ({
    ...deployment,
    cores: deployment.cores.map((core, i) => (i === index ? { ...core, ...change(core) } : core)),
  });

const replaced = <A extends Uint8Array | Uint16Array | Uint32Array | Int16Array | Int32Array | Float64Array>(
  array: A,
  at: number,
  value: number,
): A => {
  const copy = array.slice() as A;
  copy[at] = value;
  return copy;
};

const without = <A extends Uint8Array | Uint16Array | Uint32Array | Int16Array>(array: A, at: number): A =>
  array.filter((_, i) => i !== at) as A;

const withCopyOf = <A extends Uint8Array | Uint16Array | Uint32Array | Int16Array>(
  array: A,
  at: number,
): A => {
  const constructor = array.constructor as new (values: number[]) => A;
  return new constructor([...array.subarray(0, at + 1), ...array.subarray(at)]);
};

/** First entry of the core that carries a weight. */
const carrier = (core: CoreProgram): number => core.weight.findIndex((weight) => weight !== 0);

const MUTATIONS: readonly { name: string; edit: Edit; code: string }[] = [
  {
    name: "a weight",
    edit: onCore(0, (core) => ({
      weight: replaced(core.weight, carrier(core), core.weight[carrier(core)] + 2),
    })),
    code: "verify/weight-differs",
  },
  {
    name: "the sign of a weight",
    edit: onCore(1, (core) => ({
      weight: replaced(core.weight, carrier(core), -core.weight[carrier(core)]),
    })),
    code: "verify/weight-differs",
  },
  {
    name: "a weight set to zero",
    edit: onCore(0, (core) => ({ weight: replaced(core.weight, carrier(core), 0) })),
    code: "verify/weight-differs",
  },
  {
    name: "the target of a synapse",
    edit: onCore(0, (core) => {
      const last = core.axonStart[1] - 1;
      return { target: replaced(core.target, last, core.target[last] === 7 ? 6 : 7) };
    }),
    code: "verify/synapse-missing",
  },
  {
    name: "a delay",
    edit: onCore(0, (core) => ({ delaySteps: replaced(core.delaySteps, carrier(core), 9) })),
    code: "verify/delay-differs",
  },
  {
    name: "a dropped synapse",
    edit: onCore(0, (core) => ({
      target: without(core.target, carrier(core)),
      weight: without(core.weight, carrier(core)),
      format: without(core.format, carrier(core)),
      delaySteps: without(core.delaySteps, carrier(core)),
      axonStart: core.axonStart.map((start) => (start > carrier(core) ? start - 1 : start)),
    })),
    code: "verify/synapse-missing",
  },
  {
    name: "a synapse stored twice",
    edit: onCore(0, (core) => ({
      target: withCopyOf(core.target, carrier(core)),
      weight: withCopyOf(core.weight, carrier(core)),
      format: withCopyOf(core.format, carrier(core)),
      delaySteps: withCopyOf(core.delaySteps, carrier(core)),
      axonStart: core.axonStart.map((start) => (start > carrier(core) ? start + 1 : start)),
    })),
    code: "verify/synapse-twice",
  },
  {
    name: "a synapse of another projection",
    edit: onCore(2, (core) => ({
      formats: core.formats.map((format) => ({ ...format, projection: 0 })),
    })),
    code: "verify/synapse-foreign",
  },
  {
    name: "the exponent of a format",
    edit: onCore(0, (core) => ({
      formats: core.formats.map((format) => ({ ...format, weightExponent: format.weightExponent + 1 })),
    })),
    code: "verify/exponent-differs",
  },
  {
    name: "a route to another axon",
    edit: onCore(0, (core) => ({ routeAxon: replaced(core.routeAxon, 0, core.routeAxon[0] + 1) })),
    code: "verify/axon-shared",
  },
  {
    name: "a route to a core that is not there",
    edit: onCore(0, (core) => ({ routeCore: replaced(core.routeCore, 0, 77) })),
    code: "verify/route-leads-nowhere",
  },
  {
    name: "two routes exchanged",
    edit: onCore(0, (core) => ({
      routeAxon: replaced(replaced(core.routeAxon, 0, core.routeAxon[1]), 1, core.routeAxon[0]),
    })),
    code: "verify/synapse-missing",
  },
  {
    name: "a dropped route",
    edit: onCore(0, (core) => ({
      routeCore: without(core.routeCore, 0),
      routeAxon: without(core.routeAxon, 0),
      routeStart: core.routeStart.map((start) => (start > 0 ? start - 1 : 0)),
    })),
    code: "verify/axon-unreferenced",
  },
  {
    name: "an input route to another axon",
    edit: (deployment) => ({
      ...deployment,
      inputs: deployment.inputs.map((port) => ({
        ...port,
        routeAxon: replaced(port.routeAxon, 0, port.routeAxon[0] + 1),
      })),
    }),
    code: "verify/axon-shared",
  },
  {
    name: "exchanged parameters of two neurons",
    edit: onCore(0, (core) => ({
      groups: core.groups.map((group) => ({
        ...group,
        params: group.params.map((values) => values.slice().reverse()),
      })),
    })),
    code: "verify/parameter-differs",
  },
  {
    name: "another threshold",
    edit: onCore(0, (core) => ({
      groups: core.groups.map((group) => ({
        ...group,
        params: group.params.map((values, p) => (p === 2 ? replaced(values, 0, values[0] + 1) : values)),
      })),
    })),
    code: "verify/parameter-differs",
  },
  {
    name: "exchanged places of two neurons",
    edit: (deployment) => ({
      ...deployment,
      populations: deployment.populations.map((map, p) =>
        p === 1 ? { ...map, compartment: map.compartment.slice().reverse() } : map,
      ),
    }),
    code: "verify/synapse-missing",
  },
  {
    name: "two neurons in one place",
    edit: (deployment) => ({
      ...deployment,
      populations: deployment.populations.map((map, p) =>
        p === 1 ? { ...map, compartment: replaced(map.compartment, 0, 1) } : map,
      ),
    }),
    code: "verify/neuron-misplaced",
  },
  {
    name: "another start step",
    edit: (deployment) => ({
      ...deployment,
      populations: deployment.populations.map((map, p) =>
        p === 2 ? { ...map, startStep: map.startStep + 1 } : map,
      ),
    }),
    code: "verify/population-differs",
  },
  {
    name: "a wrong number of words",
    edit: onCore(0, (core) => ({ axonWords: replaced(core.axonWords, 0, core.axonWords[0] + 1) })),
    code: "verify/axon-words-differ",
  },
  {
    name: "an index field that is too narrow",
    edit: onCore(0, (core) => ({ formats: core.formats.map((format) => ({ ...format, indexBits: 0 })) })),
    code: "verify/field-too-narrow",
  },
  {
    name: "a delay field that is too narrow",
    edit: onCore(0, (core) => ({
      delaySteps: core.delaySteps.map(() => 40),
    })),
    code: "verify/field-too-narrow",
  },
  {
    name: "a weight field that is too narrow",
    edit: onCore(0, (core) => ({ formats: core.formats.map((format) => ({ ...format, weightBits: 1 })) })),
    code: "verify/field-too-narrow",
  },
  {
    name: "an encoding that the packer does not have",
    edit: (deployment) => ({
      ...onCore(0, (core) => ({
        formats: core.formats.map((format) => ({ ...format, encoding: "run-length" as const, skipBits: 3 })),
      }))(deployment),
      packer: "nengo",
    }),
    code: "verify/format-unknown",
  },
  {
    name: "a core outside the chip",
    edit: onCore(2, () => ({ core: 128 })),
    code: "verify/core-out-of-range",
  },
  {
    name: "cores out of order",
    edit: (deployment) => ({ ...deployment, cores: deployment.cores.toReversed() }),
    code: "verify/cores-not-ascending",
  },
  {
    name: "a missing core",
    edit: (deployment) => ({ ...deployment, cores: deployment.cores.slice(1) }),
    code: "verify/neuron-misplaced",
  },
  {
    name: "arrays of different length",
    edit: onCore(1, (core) => ({ weight: core.weight.subarray(1) })),
    code: "verify/malformed-core",
  },
  {
    name: "an output of another name",
    edit: (deployment) => ({
      ...deployment,
      outputs: deployment.outputs.map((port) => ({ ...port, name: "other" })),
    }),
    code: "verify/port-differs",
  },
  {
    name: "an output that is read the other way",
    edit: (deployment) => ({
      ...deployment,
      outputs: deployment.outputs.map((port) => ({ ...port, readout: "membrane" as const })),
    }),
    code: "verify/port-differs",
  },
  {
    name: "an input of another population",
    edit: (deployment) => ({
      ...deployment,
      inputs: deployment.inputs.map((port) => ({ ...port, population: 1 })),
    }),
    code: "verify/port-differs",
  },
  {
    name: "another chip",
    edit: (deployment) => ({ ...deployment, target: "loihi9" }),
    code: "verify/header-differs",
  },
];

describe("verify, on a deployment with one thing changed:", () => {
  for (const { name, edit, code } of MUTATIONS)
    test(`finds ${name}`, () => {
      const network = sample();
      const { deployment } = compile(network, loihi1);
      assert.deepEqual(verdict(deployment, network).codes, []);
      const { codes, report } = verdict(edit(deployment), network);
      assert.ok(codes.includes(code), `found ${codes.join() || "nothing"}`);
      assert.equal(report.ok, false);
    });

  for (const [resource, value] of [
    ["neurons", 7],
    ["synapseWords", 5],
    ["axonsIn", 5],
    ["axonsOut", 3],
    ["neuronConfigs", 1],
    ["thresholdConfigs", 0],
    ["synapseFormats", 1],
  ] as const)
    test(`finds a core with too many ${resource}`, () => {
      const network = sample();
      const { deployment } = compile(network, loihi1);
      const wall = { value, unit: "count", evidence: "assumed", src: [] } as const;
      const tight: Target = { ...loihi1, walls: { ...loihi1.walls, [resource]: wall } };
      const { sink } = verdict(deployment, network, tight);
      assert.ok(sink.diagnostics.length > 0);
      assert.ok(
        sink.diagnostics.every(
          ({ code, data }) => code === "verify/over-wall" && data?.resource === resource,
        ),
      );
    });

  test("finds any single changed byte of weights, targets, delays and routes", () => {
    const network = sample();
    const { deployment } = compile(network, loihi1);
    const fields = [
      "weight",
      "target",
      "delaySteps",
      "routeCore",
      "routeAxon",
      "axonStart",
      "axonWords",
      "routeStart",
    ] as const;
    fc.assert(
      fc.property(
        fc.nat(),
        fc.constantFrom(...fields),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (c, field, i, change) => {
          const index = c % deployment.cores.length;
          const array = deployment.cores[index][field];
          fc.pre(array.length > 0);
          const at = i % array.length;
          const edit = onCore(index, () => ({ [field]: replaced(array, at, array[at] ^ change) }));
          assert.equal(verdict(edit(deployment), network).report.ok, false);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("reports the first ten of a kind and counts all", () => {
    const network = sample();
    const { deployment } = compile(network, loihi1);
    const silent = {
      ...deployment,
      cores: deployment.cores.map((core) => ({ ...core, weight: core.weight.map(() => 0) })),
    };
    const { report, sink } = verdict(silent, network);
    assert.equal(sink.diagnostics.filter(({ code }) => code === "verify/weight-differs").length, 10);
    assert.equal(report.violations["verify/weight-differs"], report.synapses);
  });
});
