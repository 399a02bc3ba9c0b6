// Where neurons were removed before mapping: from the numbers of those that are left to the model's, and back.
import type { Network } from "#ir/network";
import type { SpikeData, SpikeEvents } from "#ir/spikes";

/** Recordings of the network that was mapped, in the shapes and numbers of the model. */
export function inModelNumbers(
  mapped: Network,
  spikes: Readonly<Record<string, SpikeData>>,
): Readonly<Record<string, SpikeData>> {
  return changed(mapped, spikes, ({ shape, neuron }, data) => ({
    ...data,
    shape,
    samples: data.samples.map((events): SpikeEvents => ({
      ...events,
      index: events.index.map((n) => neuron[n]),
    })),
  }));
}

/** Recordings of the model, of the neurons that were mapped only. */
export function ofMappedNeurons(
  mapped: Network,
  spikes: Readonly<Record<string, SpikeData>>,
): Readonly<Record<string, SpikeData>> {
  return changed(mapped, spikes, ({ neuron, shape }, data) => {
    const newOf = new Int32Array(shape.reduce((size, extent) => size * extent, 1)).fill(-1);
    neuron.forEach((n, i) => (newOf[n] = i));
    const select = ({ step, index, value }: SpikeEvents): SpikeEvents => {
      const isLeft = (_: unknown, i: number): boolean => newOf[index[i]] >= 0;
      return {
        step: step.filter(isLeft),
        index: index.filter((n) => newOf[n] >= 0).map((n) => newOf[n]),
        ...(value !== undefined && { value: value.filter(isLeft) }),
      };
    };
    return { ...data, shape: [neuron.length], samples: data.samples.map(select) };
  });
}

/** Rates of the model's neurons, `[size]` by population, for those that were mapped. */
export function ratesOfMapped(
  mapped: Network,
  rates: Readonly<Record<string, Float64Array>>,
): Readonly<Record<string, Float64Array>> {
  return Object.fromEntries(
    Object.entries(rates).map(([name, values]) => {
      const kept = mapped.populations.find((population) => population.name === name)?.kept;
      return [name, kept === undefined ? values : Float64Array.from(kept.neuron, (n) => values[n])];
    }),
  );
}

type Kept = NonNullable<Network["populations"][number]["kept"]>;

function changed(
  { populations }: Network,
  spikes: Readonly<Record<string, SpikeData>>,
  change: (kept: Kept, data: SpikeData) => SpikeData,
): Readonly<Record<string, SpikeData>> {
  if (populations.every(({ kept }) => kept === undefined)) return spikes;
  return Object.fromEntries(
    Object.entries(spikes).map(([name, data]) => {
      const kept = populations.find((population) => population.name === name)?.kept;
      return [name, kept === undefined ? data : change(kept, data)];
    }),
  );
}
