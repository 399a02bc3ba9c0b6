// Small random deployments and their runs, for tests of what is made of a run afterwards.
import type { Deployment } from "#ir/deployment";
import type { SpikeData } from "#ir/spikes";
import { simulate, type SimulateOptions } from "#simulator/simulate";
import type { RunResult } from "#simulator/result";
import { loihi1 } from "#targets/loihi1/index";
import { nahukuFit } from "#targets/loihi1/nahuku-fit";
import type { Profile, Target } from "#targets/target";
import { deploymentOf, spikesOf, type DeploymentSpec, type ProjectionSpec } from "#test/deployments";
import { createRng, type Rng } from "#util/rng";

export interface RandomRun {
  readonly deployment: Deployment;
  readonly target: Target;
  readonly inputs: Readonly<Record<string, SpikeData>>;
  readonly run: RunResult;
}

const { energy, time } = nahukuFit;
/** nahuku-fit, and input neurons cost what others do. */
export const PROFILE: Profile = {
  ...nahukuFit,
  energy: {
    ...energy,
    inputAccess: energy.neuronAccess,
    inputUpdate: energy.neuronUpdate,
    inputSpike: energy.spikeOut,
  },
  time: {
    ...time,
    inputAccess: time.neuronAccess,
    inputUpdate: time.neuronUpdate,
    inputSpike: time.spikeOut,
  },
};

const STEPS = 5;
const SIZES = { in: 4, driven: 3, a: 7, b: 5, c: 4 };
type Name = keyof typeof SIZES;

/**
 * Three populations and one of input neurons that share up to five cores on up to two chips, with recurrence, lists that
 * serve several populations, host messages that carry counts, and one to three samples.
 */
export function randomRun(seed: number, options: SimulateOptions = {}): RandomRun {
  const rng = createRng(seed);
  const deployment = randomDeployment(rng);
  const directed = deployment.cores.every(({ core }) => core < 128) && rng() < 0.5;
  const target: Target = directed
    ? { ...loihi1, mesh: { ...loihi1.mesh, hopClasses: "directions" } }
    : loihi1;
  const samples = 1 + Math.floor(rng() * 3);
  const inputs = {
    in: randomSpikes(rng, SIZES.in, 3, samples),
    driven: randomSpikes(rng, SIZES.driven, 1, samples),
  };
  const run = simulate(deployment, target, PROFILE, inputs, { steps: STEPS, ...options });
  return { deployment, target, inputs, run };
}

function randomDeployment(rng: Rng): Deployment {
  const between = (low: number, high: number): number => low + Math.floor(rng() * (high - low + 1));
  const pick = <T>(values: readonly T[]): T => values[between(0, values.length - 1)];
  // Three kinds of events are counted on a core.
  const encodings = pick([
    ["sparse", "dense", "run-length"],
    ["sparse", "dense", "kernel"],
    ["sparse", "kernel", "run-length"],
    ["kernel", "dense", "run-length"],
  ] as const);
  const cores = pick([[0], [0, 1], [0, 5, 9, 127], [2, 40, 131, 200, 255]]);
  const population = (
    name: Exclude<Name, "in">,
    startStep: number,
  ): DeploymentSpec["populations"][number] => {
    const shift = between(0, 9);
    return {
      name,
      size: SIZES[name],
      startStep,
      core: (i) => cores[(shift + Math.floor(i / 2)) % cores.length],
      params: {
        thresholdMantissa: Array.from({ length: SIZES[name] }, () => between(0, 3)),
        biasMantissa: Array.from({ length: SIZES[name] }, () => pick([0, 0, 0, 70])),
        vDecay: pick([0, 4095]),
      },
    };
  };
  const projection = (pre: Name, post: Name): ProjectionSpec => {
    const density = pick([0.1, 0.5, 1]);
    const synapses: { pre: number; post: number; weight: number; delaySteps: number }[] = [];
    for (let i = 0; i < SIZES[pre]; i++)
      for (let j = 0; j < SIZES[post]; j++)
        if (rng() < density)
          synapses.push({ pre: i, post: j, weight: between(-1, 3), delaySteps: between(1, 2) });
    return { pre, post, encoding: pick(encodings), synapses };
  };
  const plain = deploymentOf({
    inputs: [{ name: "in", size: SIZES.in }],
    populations: [
      population("driven", 0),
      population("a", 1),
      population("b", between(0, 2)),
      population("c", between(0, 3)),
    ],
    projections: [
      projection("in", "a"),
      projection("in", "b"),
      projection("driven", "a"),
      projection("driven", "c"),
      projection("a", "b"),
      projection("a", "c"),
      projection("b", "b"),
      projection("c", "a"),
    ],
    outputs: [{ name: "c" }],
  });
  return withInputNeurons(plain, "driven");
}

/** Turns a population into one that the host drives where it is. */
function withInputNeurons(deployment: Deployment, name: string): Deployment {
  const population = deployment.populations.findIndex((each) => each.name === name);
  return {
    ...deployment,
    cores: deployment.cores.map((program) => ({
      ...program,
      groups: program.groups.map((group) =>
        group.population === population ? { ...group, model: "input", params: [] } : group,
      ),
    })),
    inputs: [
      ...deployment.inputs,
      {
        name,
        population,
        routeStart: new Uint32Array(SIZES.driven + 1),
        routeCore: new Uint32Array(),
        routeAxon: new Uint16Array(),
      },
    ],
  };
}

function randomSpikes(rng: Rng, size: number, largest: number, samples: number): SpikeData {
  return {
    steps: STEPS,
    shape: [size],
    samples: Array.from({ length: samples }, () => {
      const events: [number, number, number][] = [];
      for (let step = 0; step < STEPS; step++)
        for (let i = 0; i < size; i++)
          if (rng() < 0.4) events.push([step, i, 1 + Math.floor(rng() * largest)]);
      return spikesOf(STEPS, size, events).samples[0];
    }),
  };
}
