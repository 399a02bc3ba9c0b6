// Every measurement of Loihi 1 that can be estimated from public facts, estimated. Nothing here is fitted to a measurement:
// the shares are the same round numbers for all.
import type { Deployment } from "#ir/deployment";
import type { Network } from "#ir/network";
import { mapModel } from "#spinec";
import { energyPj } from "#targets/quantity";
import { davies2018 } from "#targets/loihi1/davies2018";
import { loihi1 } from "#targets/loihi1/index";
import { nahukuFit } from "#targets/loihi1/nahuku-fit";
import type { Profile, Target } from "#targets/target";
import { DiagnosticSink } from "#util/diagnostic";
import { drivenAt, synapsesOf } from "./driven.ts";
import { estimateStep, type StepEstimate } from "./estimate.ts";
import { ASSUMED_SHARES, digits, exactly, rangeOf, rowOf, type AccuracyRow, type Range } from "./rows.ts";
import { keywordChains, keywordSpotter, lsnnNeurons, nxtfMnist, pseudoMobileNet } from "./shapes.ts";

const BLOUW = "Blouw et al. 2019, raw logs (abr/power_benchmarks fce95c8)";
const NXTF = "NxSDK notebooks, printed results (intel-nrc-ecosystem/models 3dc53bf)";

const percent = (shares: readonly number[]): string =>
  `${shares.map((share) => digits(100 * share)).join(", ")} %`;
const DRIVEN = `random weights, every neuron driven to fire in ${percent(ASSUMED_SHARES)} of the steps, host lines too`;

export interface Mapped {
  readonly deployment: Deployment;
  readonly cores: number;
  readonly chips: number;
}

/** @param neuronsPerCore a wall below the chip's, to follow another mapper */
export function mapped(network: Network, neuronsPerCore?: number): Mapped & { readonly target: Target } {
  const { neurons } = loihi1.walls;
  const target: Target =
    neuronsPerCore === undefined
      ? loihi1
      : { ...loihi1, walls: { ...loihi1.walls, neurons: { ...neurons!, value: neuronsPerCore } } };
  const { compiled } = mapModel(network, target, { chips: 4 }, new DiagnosticSink());
  const { cores, chips } = compiled.utilization;
  return { deployment: compiled.deployment, cores, chips, target };
}

function drivenEstimates(
  network: Network,
  shares: readonly number[],
): Mapped & { estimates: StepEstimate[] } {
  const { deployment, target, ...size } = mapped(network);
  const estimates = shares.map((share) => estimateStep(drivenAt(deployment, share, 5), target, share));
  return { deployment, ...size, estimates };
}

const KEYWORD_STEPS = 10;

/** L1: the cores' part of a figure that is mostly something else. */
export function keywordRow(): AccuracyRow {
  const { estimates } = drivenEstimates(keywordSpotter(), ASSUMED_SHARES);
  const perInferenceUj = (nj: number): number => (KEYWORD_STEPS * nj) / 1000;
  return rowOf({
    id: "L1",
    what: "keyword spotter: dynamic energy of an inference",
    unit: "µJ",
    measured: 271.8,
    source: BLOUW,
    estimate: rangeOf(estimates.map(({ nahukuNj }) => perInferenceUj(nahukuNj))),
    davies: rangeOf(estimates.map(({ daviesNj }) => perInferenceUj(daviesNj))),
    verdict:
      "not comparable: the measurement holds a jump of some 77 mW as soon as anything runs, which no profile prices; ours is the cores' part",
    assumptions: `390-256-256-29; ${DRIVEN}; 10 steps per inference, as in L2`,
  });
}

/** Mean of the copies 1 to 10, ms per inference of 10 steps. */
const CHAIN_STEP_MS = (8.717 + 8.745 + 8.748 + 8.747 + 8.775 + 8.772) / 6 / 10;
const CHAIN_SLOPE_MW = 1.86;
/** The reference's reading of the same measurement. */
const READ_BACK_SHARES = [0.05, 0.07, 0.09] as const;

/** L2: what one more copy of ten layers costs. */
export function chainRows(): readonly AccuracyRow[] {
  const networks = [keywordChains(1), keywordChains(2)].map((network) => mapped(network));
  const perCopy = (shares: readonly number[], of: (step: StepEstimate) => number): Range =>
    rangeOf(
      shares.map((share) => {
        const [one, two] = networks.map(({ deployment, target }) =>
          of(estimateStep(drivenAt(deployment, share, 5), target, share)),
        );
        return (two - one) / 1000 / CHAIN_STEP_MS;
      }),
    );
  const row = (id: string, shares: readonly number[], verdict: string): AccuracyRow =>
    rowOf(
      {
        id,
        what: "keyword spotter, ten more layers: power",
        unit: "mW",
        measured: CHAIN_SLOPE_MW,
        source: BLOUW,
        estimate: perCopy(shares, ({ nahukuNj }) => nahukuNj),
        davies: perCopy(shares, ({ daviesNj }) => daviesNj),
        verdict,
        assumptions: `a chain of 10 x 256 neurons, 720,896 synapses, beside another; random weights, all neurons fire in ${percent(shares)} of the steps; the measured ${digits(CHAIN_STEP_MS)} ms per step; one core per layer; their 8 cores for input and 8 for output are not followed`,
      },
      [shares[0], shares[2]],
    );
  return [
    row("L2", ASSUMED_SHARES, "the best public check of energy: same board, same input, only cores added"),
    row(
      "L2, read back",
      READ_BACK_SHARES,
      "consistency only: these shares were read out of this very measurement",
    ),
  ];
}

const LSNN_STEP_US = 16.649;
const LSNN_CORE_MW = 1.583;
const LSNN_NEURONS = 250;

/** L3: the neurons' part, and whether the chip can be what a step waits for. */
export function lsnnRows(): readonly AccuracyRow[] {
  const { deployment, target } = mapped(lsnnNeurons());
  const { nahukuNj, detailedUs } = estimateStep(drivenAt(deployment, 0, 5), target, 0);
  const pj = ({ energy }: Profile, isActive: boolean): number =>
    energyPj(energy.neuronAccess!) + (isActive ? energyPj(energy.neuronUpdate!) : 0);
  const davies = [false, true].map((isActive) => (LSNN_NEURONS * pj(davies2018, isActive)) / 1000);
  const inactiveNj = (LSNN_NEURONS * pj(nahukuFit, false)) / 1000;
  return [
    rowOf({
      id: "L3",
      what: "sequential-MNIST LSNN: core dynamic energy of a step",
      unit: "nJ",
      measured: digits(LSNN_CORE_MW * LSNN_STEP_US),
      source: NXTF,
      estimate: rangeOf([inactiveNj, nahukuNj, nahukuNj]),
      davies: rangeOf([davies[0], davies[1], davies[1]]),
      verdict: "a lower bound: synapses and spikes are missing from it",
      assumptions:
        "250 neurons on one core, no synapses and no spikes (connectivity is not at hand); low: no neuron changes, else all do",
    }),
    rowOf({
      id: "L3, time",
      what: "sequential-MNIST LSNN: time of a step",
      unit: "µs",
      measured: LSNN_STEP_US,
      source: NXTF,
      estimate: exactly(detailedUs),
      verdict:
        "bound by input and output: the neurons take a fifth of the step, so this says nothing of our times",
      assumptions: "neurons and barrier only",
    }),
  ];
}

/** L7: time of a CNN. */
export function mnistRow(): AccuracyRow {
  const { estimates, cores } = drivenEstimates(nxtfMnist(), ASSUMED_SHARES);
  return rowOf(
    {
      id: "L7",
      what: "NxTF MNIST CNN: time of a step",
      unit: "µs",
      measured: 57.364,
      source: NXTF,
      estimate: rangeOf(estimates.map(({ detailedUs }) => detailedUs)),
      verdict:
        "the share decides; the mapping differs too: theirs shares weights, and its core count is not printed",
      assumptions: `16c5s2-32c3-64c3s2-10c4; ${DRIVEN}; our mapping on ${cores} cores; 3.4 µs of management taken off the measurement`,
    },
    [ASSUMED_SHARES[0], ASSUMED_SHARES[2]],
  );
}

/** Compartments of one core, where a soft reset takes a second one for each neuron. */
const SOFT_RESET_NEURONS = 512;
const MOBILE_NET_CORES = 157;

/** L8: cores and time of the pseudo-MobileNet. */
export function mobileNetRows(): readonly AccuracyRow[] {
  const network = pseudoMobileNet();
  const { estimates, cores, chips } = drivenEstimates(network, ASSUMED_SHARES);
  const doubled = mapped(network, SOFT_RESET_NEURONS);
  const shape = `76,810 neurons; 'same' padding: ${synapsesOf(network).toLocaleString("en")} synapses, printed are 3,930,880`;
  return [
    rowOf({
      id: "L8, cores",
      what: "NxTF pseudo-MobileNet, two compartments per neuron",
      unit: "cores",
      measured: MOBILE_NET_CORES,
      source: NXTF,
      estimate: exactly(doubled.cores),
      verdict:
        "the printed run resets by subtraction, which takes a second compartment; so the wall here is 512 neurons per core",
      assumptions: `${shape}; weights not shared, input not on cores`,
    }),
    rowOf({
      id: "L8, cores, one compartment",
      what: "NxTF pseudo-MobileNet, one compartment per neuron",
      unit: "cores",
      measured: MOBILE_NET_CORES,
      source: NXTF,
      estimate: exactly(cores),
      verdict: "what `spinec` would do with it; not the same network any more",
      assumptions: shape,
    }),
    rowOf(
      {
        id: "L8, time",
        what: "NxTF pseudo-MobileNet: time of a step",
        unit: "µs",
        measured: 137.3,
        source: NXTF,
        estimate: rangeOf(estimates.map(({ detailedUs }) => detailedUs)),
        verdict: "a network with half their compartments, on one chip, without the management in every step",
        assumptions: `${shape}; ${DRIVEN}; our mapping on ${cores} cores, chips: ${chips}`,
      },
      [ASSUMED_SHARES[0], ASSUMED_SHARES[2]],
    ),
  ];
}

/** Counts of 1,000 steps, and the energy of its neurons. */
const GESTURE = { neurons: 18_678, steps: 1000, updates: 15_552_561, spikes: 364_088, somaUj: 1317.48 };

/** The peer's DVS-gesture network: its counts with our prices. */
export function gestureRow(): AccuracyRow {
  const { neuronAccess, neuronUpdate, spikeOut } = nahukuFit.energy;
  const { neurons, steps, updates, spikes, somaUj } = GESTURE;
  const uj =
    (neurons * steps * energyPj(neuronAccess!) +
      updates * energyPj(neuronUpdate!) +
      spikes * energyPj(spikeOut!)) /
    1e6;
  return rowOf({
    id: "DVS gesture",
    what: "DVS gesture: energy of neurons and spikes, 1,000 steps",
    unit: "µJ",
    measured: somaUj,
    source: "SANA-FE 8951ab0, simulated",
    estimate: exactly(uj),
    verdict:
      "a check of prices, not of silicon: the network itself is part of a GPL project and is not rebuilt here. The peer's run is 3.0 µJ and 16.6 to 18.9 µs a step, silicon by its plots 1 to 4 µJ and 10 to 30 µs",
    assumptions: "counts as the peer simulator printed them, our prices",
  });
}
