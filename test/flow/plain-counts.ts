import type { Deployment } from "#ir/deployment";
import type { SpikeData } from "#ir/spikes";
import type { PricedAction, Target } from "#targets/target";

type Counts = Partial<Record<PricedAction, number>>;

/**
 * What a run must have counted, by core, worked out spike by spike from the deployment: slow, and nothing like the
 * machine.
 *
 * @param fired  spikes by population in hardware steps, all populations that hold neurons
 * @param inputs spikes by input port in model steps
 * @param steps  hardware steps of one sample
 * @returns counts above 0 but for neuron updates, and how many of the synaptic events carried a weight
 */
export function plainCounts(
  deployment: Deployment,
  target: Target,
  fired: Readonly<Record<string, SpikeData>>,
  inputs: Readonly<Record<string, SpikeData>>,
  steps: number,
): { byCore: Map<number, Counts>; nonzeroEvents: number } {
  const counts = new Map(deployment.cores.map(({ core }): [number, Counts] => [core, {}]));
  const programs = new Map(deployment.cores.map((program) => [program.core, program]));
  const add = (core: number, action: PricedAction, times = 1): void => {
    const row = counts.get(core)!;
    row[action] = (row[action] ?? 0) + times;
  };
  let nonzeroEvents = 0;
  const arrive = (core: number, axon: number): void => {
    const { axonStart, axonWords, weight, format, formats } = programs.get(core)!;
    add(core, "messageIn");
    add(core, "synapseWordRead", axonWords[axon]);
    for (let entry = axonStart[axon]; entry < axonStart[axon + 1]; entry++) {
      const { encoding } = formats[format[entry]];
      const action = {
        sparse: "synapseSparse",
        dense: "synapseDense",
        "run-length": "synapseRunLength",
        kernel: "synapseConv",
      } as const;
      add(core, action[encoding as keyof typeof action]);
      if (weight[entry] !== 0) nonzeroEvents++;
    }
  };

  const readOut = new Set(
    deployment.outputs.flatMap(({ readout, population }) =>
      readout === "membrane" ? [deployment.populations[population].name] : [],
    ),
  );
  let samples = 0;
  for (const { name, core, compartment } of deployment.populations) {
    if (core.length === 0) continue;
    samples = fired[name].samples.length;
    // Who is read by the membrane never fires: what was recorded are membranes.
    if (readOut.has(name)) continue;
    for (const { index } of fired[name].samples)
      for (const neuron of index) {
        const from = core[neuron];
        const { routeStart, routeCore, routeAxon } = programs.get(from)!;
        add(from, "spikeOut");
        for (let r = routeStart[compartment[neuron]]; r < routeStart[compartment[neuron] + 1]; r++) {
          add(from, "messageOut");
          travel(target, from, routeCore[r], (action, times) => {
            add(from, action, times);
          });
          arrive(routeCore[r], routeAxon[r]);
        }
      }
  }
  for (const { name, routeStart, routeCore, routeAxon } of deployment.inputs)
    for (const { index, value } of inputs[name].samples)
      index.forEach((line, event) => {
        for (let spike = 0; spike < (value?.[event] ?? 1); spike++)
          for (let r = routeStart[line]; r < routeStart[line + 1]; r++) {
            add(routeCore[r], "inputMessage");
            arrive(routeCore[r], routeAxon[r]);
          }
      });
  for (const { core, neurons } of deployment.cores) add(core, "neuronAccess", neurons * steps * samples);
  return { byCore: counts, nonzeroEvents };
}

/** Links between two cores, chips side by side and tiles numbered up the columns. */
function travel(
  { mesh }: Target,
  from: number,
  to: number,
  add: (action: PricedAction, times: number) => void,
): void {
  const tilesPerChip = mesh.columns * mesh.rows;
  const [a, b] = [from, to].map((core) => {
    const tile = Math.floor(core / mesh.coresPerTile);
    const [chip, inChip] = [Math.floor(tile / tilesPerChip), tile % tilesPerChip];
    return { tile, chip, x: chip * mesh.columns + Math.floor(inChip / mesh.rows), y: inChip % mesh.rows };
  });
  const borders = Math.abs(a.chip - b.chip);
  const hops = [
    ["hopTile", a.tile === b.tile ? 1 : 0],
    ["hopEastWest", Math.abs(a.x - b.x) - borders],
    ["hopNorthSouth", Math.abs(a.y - b.y)],
    ["hopChip", borders],
  ] as const;
  for (const [action, times] of hops) if (times > 0) add(action, times);
}
