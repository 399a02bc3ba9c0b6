import fc from "fast-check";
import { loihi1 } from "#targets/loihi1/index";
import { nahukuFit } from "#targets/loihi1/nahuku-fit";
import type { Profile, Quantity, Target, Unit } from "#targets/target";
import type { CoreSpec, NeuronSpec, RouteSpec, StepSpec } from "./step-activity.ts";

export function given(value: number, unit: Unit): Quantity {
  return { value, unit, evidence: "assumed", src: [], note: "for a test" };
}

/** Two chips of 3 x 2 tiles of two cores, with links that are soon full. */
export function smallMesh(bufferMessages: number, mesh: Partial<Target["mesh"]> = {}): Target {
  return {
    ...loihi1,
    mesh: { ...loihi1.mesh, columns: 3, rows: 2, coresPerTile: 2, ...mesh },
    noc: { ...loihi1.noc, cast: "unicast", bufferMessages: given(bufferMessages, "count") },
  };
}

export const SMALL_MESH_CORES = 24;

/** The fit, with a time for everything: words, chip borders, directions that differ, input neurons. */
export const timedProfile: Profile = {
  ...nahukuFit,
  time: {
    ...nahukuFit.time,
    synapseWordRead: given(1.7, "ns"),
    hopTile: given(2.1, "ns"),
    hopChip: given(41, "ns"),
    hopEast: given(4.1, "ns"),
    hopWest: given(4.3, "ns"),
    hopNorth: given(6.5, "ns"),
    hopSouth: given(6.7, "ns"),
    inputAccess: given(0.6, "ns"),
    inputUpdate: given(0.2, "ns"),
    inputSpike: given(0.9, "ns"),
  },
  inside: {},
};

const ids = fc.uniqueArray(fc.nat(SMALL_MESH_CORES - 1), { minLength: 1, maxLength: 6 });

/** Steps of a few cores, in which much is sent to few receivers. */
export const randomStep: fc.Arbitrary<StepSpec> = ids.chain((cores) => {
  const route: fc.Arbitrary<RouteSpec> = fc.record({
    to: fc.constantFrom(...cores),
    dense: fc.nat(3),
    sparse: fc.nat(20),
    runLength: fc.nat(3),
    words: fc.nat(5),
  });
  const neuron: fc.Arbitrary<NeuronSpec> = fc.record({
    status: fc.constantFrom(0, 1, 2, 2),
    isInput: fc.boolean(),
    routes: fc.array(route, { maxLength: 4 }),
  });
  const neurons = fc.array(neuron, { maxLength: 30, size: "max" });
  return fc
    .tuple(fc.tuple(...cores.map(() => neurons)), fc.array(route, { maxLength: 5 }))
    .map(([lists, host]) => ({
      cores: cores.map((id, i): CoreSpec => ({ id, neurons: lists[i] })),
      host,
    }));
});
