// What happened in one step, written down neuron by neuron, as the machine would hand it to a timing model.
import type { MachineTables, StepActivity, StepMessages } from "#simulator/activity";
import { ACTIONS } from "#simulator/result";
import type { TimingContext } from "#simulator/timing/timing";
import { routeHops } from "#targets/route";
import { tileOf, type PricedAction, type Profile, type Target } from "#targets/target";

export interface StepSpec {
  readonly cores: readonly CoreSpec[];
  /** In order of injection. */
  readonly host?: readonly RouteSpec[];
}

export interface CoreSpec {
  readonly id: number;
  readonly neurons: readonly NeuronSpec[];
}

export interface NeuronSpec {
  /** As in `StepMessages.status`. */
  readonly status: 0 | 1 | 2;
  readonly isInput?: boolean;
  /** In the order in which messages leave. */
  readonly routes: readonly RouteSpec[];
}

/** A message to a core, and the synapse list that it finds there. */
export interface RouteSpec {
  readonly to: number;
  readonly dense?: number;
  readonly sparse?: number;
  readonly runLength?: number;
  readonly words?: number;
}

export interface Step {
  readonly context: TimingContext & { readonly tables: MachineTables };
  readonly activity: StepActivity & { readonly messages: StepMessages };
}

export function stepOf(spec: StepSpec, target: Target, profile: Profile): Step {
  const cores = spec.cores.toSorted((a, b) => a.id - b.id);
  const coreIds = Uint32Array.from(cores, ({ id }) => id);
  const rows = new Map(cores.map(({ id }, row) => [id, row]));
  const rowOf = (id: number): number => rows.get(id)!;
  const neurons = cores.flatMap((core) => core.neurons);
  const routes = neurons.flatMap((neuron) => neuron.routes);
  const lists = [...routes, ...(spec.host ?? [])];

  const fired = new Uint32Array(neurons.length);
  const firedEnd = new Uint32Array(cores.length);
  const neuronBegin = starts(cores.map((core) => core.neurons.length));
  neuronBegin.subarray(0, cores.length).forEach((begin, row) => {
    firedEnd[row] = begin;
    cores[row].neurons.forEach(({ status }, i) => {
      if (status === 2) fired[firedEnd[row]++] = begin + i;
    });
  });

  return {
    context: {
      profile,
      target,
      coreIds,
      tilesOn: new Set(
        cores.map(({ id }) => {
          const { chip, x, y } = tileOf(target, id);
          return `${chip}/${x}/${y}`;
        }),
      ).size,
      tables: {
        neuronBegin,
        routeStart: starts(neurons.map((neuron) => neuron.routes.length)),
        routeRow: Uint32Array.from(routes, ({ to }) => rowOf(to)),
        routeAxon: Uint32Array.from(routes, (_, axon) => axon),
        axonTable: Uint32Array.from(
          lists.flatMap(({ words = 0, dense = 0, sparse = 0, runLength = 0 }) => [
            words,
            dense,
            sparse,
            runLength,
            0,
          ]),
        ),
        ...(neurons.some(({ isInput }) => isInput)
          ? { inputNeuron: Uint8Array.from(neurons, ({ isInput }) => (isInput ? 1 : 0)) }
          : {}),
      },
    },
    activity: {
      rows: cores.length,
      counts: countsOf(cores, rowOf, spec.host ?? [], target),
      messages: {
        status: Uint8Array.from(neurons, ({ status }) => status),
        fired,
        firedEnd,
        hostMessages: spec.host?.length ?? 0,
        hostRow: Uint32Array.from(spec.host ?? [], ({ to }) => rowOf(to)),
        hostAxon: Uint32Array.from(spec.host ?? [], (_, i) => routes.length + i),
      },
    },
  };
}

function countsOf(
  cores: readonly CoreSpec[],
  rowOf: (id: number) => number,
  host: readonly RouteSpec[],
  target: Target,
): Float64Array {
  const counts = new Float64Array(cores.length * ACTIONS.length);
  const count = (id: number, action: PricedAction, by = 1): void => {
    counts[rowOf(id) * ACTIONS.length + ACTIONS.indexOf(action)] += by;
  };
  const receive = ({ to, dense = 0, sparse = 0, runLength = 0, words = 0 }: RouteSpec): void => {
    count(to, "messageIn");
    count(to, "synapseDense", dense);
    count(to, "synapseSparse", sparse);
    count(to, "synapseRunLength", runLength);
    count(to, "synapseWordRead", words);
  };
  for (const { id, neurons } of cores)
    for (const { status, isInput, routes } of neurons) {
      count(id, isInput ? "inputAccess" : "neuronAccess");
      if (status > 0) count(id, isInput ? "inputUpdate" : "neuronUpdate");
      if (status < 2) continue;
      count(id, isInput ? "inputSpike" : "spikeOut");
      for (const route of routes) {
        count(id, "messageOut");
        const hops = routeHops(target, id, route.to);
        count(id, "hopEastWest", hops.eastWest);
        count(id, "hopNorthSouth", hops.northSouth);
        count(id, "hopChip", hops.chips);
        count(id, "hopTile", hops.withinTile);
        receive(route);
      }
    }
  for (const route of host) {
    count(route.to, "inputMessage");
    receive(route);
  }
  return counts;
}

function starts(lengths: readonly number[]): Uint32Array {
  const begin = new Uint32Array(lengths.length + 1);
  lengths.forEach((length, i) => (begin[i + 1] = begin[i] + length));
  return begin;
}
