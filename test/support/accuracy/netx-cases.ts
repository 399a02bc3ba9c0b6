// Two published networks whose weights are public: Lava's netx files. Their inputs are not.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readNetwork } from "#formats/index";
import type { Network } from "#ir/network";
import { DiagnosticSink } from "#util/diagnostic";
import { mapped } from "./cases.ts";
import { estimateStep, type StepEstimate } from "./estimate.ts";
import { ASSUMED_SHARES, digits, rangeOf, rowOf, type AccuracyRow } from "./rows.ts";

const SOURCE = "NxSDK notebooks, printed results (intel-nrc-ecosystem/models 3dc53bf)";
const HOST = `input spikes are not public: random, each line in ${ASSUMED_SHARES.map((s) => digits(100 * s)).join(", ")} % of the steps`;
/** Spikes wait up to 62 steps in each of two layers. */
const WARM_UP_STEPS = 150;
const BRAILLE_NEURONS_PER_CORE = 10;

/** @param folder of the netx files: braille_recurrent_th10/model.net, ntidigits_delays/model.net */
export async function netxRows(folder: string): Promise<readonly AccuracyRow[]> {
  const digitsNet = await read(folder, "ntidigits_delays");
  const braille = await read(folder, "braille_recurrent_th10");
  return [...digitsRows(digitsNet), ...brailleRows(braille)];
}

async function read(folder: string, id: string): Promise<Network> {
  const sink = new DiagnosticSink();
  const network = await readNetwork(readFileSync(join(folder, id, "model.net")), { name: id }, sink);
  sink.throwIfErrors();
  return network!;
}

interface Published {
  readonly id: string;
  readonly what: string;
  readonly shape: string;
  readonly measuredUs: number;
  readonly dynamicMw: number;
  readonly energyVerdict: string;
  readonly timeVerdict: string;
}

function rowsOf(
  { id, what, shape, measuredUs, dynamicMw, energyVerdict, timeVerdict }: Published,
  [silent, ...estimates]: readonly StepEstimate[],
  cores: number,
): readonly AccuracyRow[] {
  const fires = estimates.map(({ firingShare }) => digits(Math.round(1000 * firingShare) / 10)).join(", ");
  const assumptions = `${shape}, the published weights; ${HOST}; the neurons then fire in ${fires} %; our mapping on ${cores} cores; without any input ${digits(Math.round(silent.nahukuNj))} nJ and ${silent.detailedUs.toFixed(1)} µs`;
  const given = { source: SOURCE, assumptions };
  return [
    rowOf({
      ...given,
      id,
      what: `${what}: dynamic energy of a step`,
      unit: "nJ",
      measured: digits(dynamicMw * measuredUs),
      estimate: rangeOf(estimates.map(({ nahukuNj }) => nahukuNj)),
      davies: rangeOf(estimates.map(({ daviesNj }) => daviesNj)),
      verdict: energyVerdict,
    }),
    rowOf({
      ...given,
      id: `${id}, time`,
      what: `${what}: time of a step`,
      unit: "µs",
      measured: measuredUs,
      estimate: rangeOf(estimates.map(({ detailedUs }) => detailedUs)),
      verdict: timeVerdict,
    }),
  ];
}

function digitsRows(network: Network): readonly AccuracyRow[] {
  const { deployment, target, cores } = mapped(network);
  const estimates = [0, ...ASSUMED_SHARES].map((share) =>
    estimateStep(deployment, target, share, WARM_UP_STEPS),
  );
  return rowsOf(
    {
      id: "L5",
      what: "N-TIDIGITS",
      shape: "64-256-256-242 with delays",
      measuredUs: 17.625,
      dynamicMw: 10.893,
      energyVerdict:
        "the input decides: noise at 2 % drives it hard, silence not at all, and speech is neither. Measured per copy, x86 not told apart",
      timeVerdict: "the input decides, as above; theirs 6 cores and a repeater",
    },
    estimates,
    cores,
  );
}

function brailleRows(network: Network): readonly AccuracyRow[] {
  const { deployment, target, cores } = mapped(network, BRAILLE_NEURONS_PER_CORE);
  const estimates = [0, ...ASSUMED_SHARES].map((share) =>
    estimateStep(deployment, target, share, WARM_UP_STEPS),
  );
  return rowsOf(
    {
      id: "L6",
      what: "Braille",
      shape: "48-450 (recurrent)-28 spread over cores of 10 neurons as theirs",
      measuredUs: 6.6407,
      dynamicMw: 73.85,
      energyVerdict: "the input decides; measured per copy, x86 not told apart",
      timeVerdict: "the input decides; theirs 53 cores, 5 of them for input, ours has none for it",
    },
    estimates,
    cores,
  );
}
