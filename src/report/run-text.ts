import type { Action } from "#simulator/result";
import { formatCount, formatEnergyPj, formatShare, formatTimeNs, plural } from "#util/units";
import { detailTexts, warningTexts } from "./detail-text.ts";
import { energyText } from "./energy-text.ts";
import type {
  MapSection,
  ModelSection,
  QuantizationSection,
  RunReport,
  RunSection,
  TimeSection,
} from "./run-report.ts";
import { recordedText } from "./recorded.ts";
import { keyValueLines, textTable, type Column } from "./text-table.ts";
import { RESOURCE_TEXT } from "./words.ts";

const right = (heading: string): Column => ({ heading, align: "right" });
const left = (heading: string): Column => ({ heading });
const indent = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

/** The report for a terminal: aligned, without colour, stable enough to compare with `diff`. */
export function runReportText(report: RunReport): string[] {
  const { map } = report;
  return [
    `${report.model.name} on ${map.target} (profile ${report.energy.profile}, packer ${map.packer}, ${map.rules} arithmetic)`,
    ...warningTexts(report),
    "",
    ...modelText(report.model),
    "",
    ...quantizationText(report.quantization, report.run.samples),
    ...mapText(report.map),
    "",
    ...runText(report.run),
    "",
    ...energyText(report.energy),
    "",
    ...timeText(report.time),
    ...detailTexts(report, report.time.model),
    ...accuracyText(report),
    ...denseText(report),
    "",
    `deployment ${report.deploymentHash.slice(0, 16)}…  ${namedHashes(report)}  ${report.generator}`,
  ];
}

/** Chip and prices by name and content: two runs under one name may have been of different files. */
function namedHashes({ map, energy, targetHash, profileHash }: RunReport): string {
  const prices = profileHash === undefined ? "" : `  ${energy.profile} ${profileHash}`;
  return `${map.target} ${targetHash}${prices}`;
}

export function modelText(model: ModelSection): string[] {
  const rows = model.layers.map((layer) => [
    layer.node,
    layer.kind,
    formatCount(layer.weights),
    formatCount(layer.nonzeroWeights),
    formatShare(layer.densityShare),
    formatCount(layer.synapses),
  ]);
  const table = textTable(
    [left("layer"), left("kind"), right("weights"), right("nonzero"), right("density"), right("synapses")],
    [
      ...rows,
      [
        "all",
        "",
        formatCount(model.weights),
        formatCount(model.nonzeroWeights),
        formatShare(model.densityShare),
        formatCount(model.synapses),
      ],
    ],
  );
  return [
    `Model: ${formatCount(model.inputs)} inputs, ${formatCount(model.neurons)} neurons, ${formatCount(model.synapses)} synapses`,
    ...indent(table),
  ];
}

export function quantizationText(quantization: QuantizationSection | undefined, samples: number): string[] {
  if (quantization === undefined) return [];
  const rows = quantization.projections.map((projection) => [
    projection.name,
    String(projection.weightBits),
    projection.signMode,
    String(projection.weightExponent),
    projection.snrDb === null ? "exact" : `${projection.snrDb.toFixed(1)} dB`,
    formatCount(projection.zerosCreated),
  ]);
  const lines = [
    rows.length === 0
      ? "Quantization: none, the model is in the chip's integers already"
      : "Quantization: real weights to the chip's integers",
    ...indent(
      rows.length === 0
        ? []
        : textTable(
            [
              left("projection"),
              right("bits"),
              left("signs"),
              right("exponent"),
              right("weight SNR"),
              right("rounded to 0"),
            ],
            rows,
          ),
    ),
  ];
  if (quantization.changedSpikes !== undefined) {
    lines.push(
      ...indent([
        `spikes that differ from the model's, over ${plural(samples, "sample")}:`,
        ...textTable(
          [left("population"), right("model"), right("chip"), right("differ"), right("of model")],
          quantization.changedSpikes.map((change) => [
            change.population,
            formatCount(change.modelSpikes),
            formatCount(change.chipSpikes),
            formatCount(change.differing),
            change.modelSpikes === 0 ? "–" : formatShare(change.differing / change.modelSpikes),
          ]),
        ),
      ]),
    );
  }
  return [...lines, ""];
}

export function mapText(map: MapSection): string[] {
  const resources = map.resources.map(({ resource, wall, mean, worst, worstCore, meanShare, worstShare }) => [
    RESOURCE_TEXT[resource],
    formatCount(mean),
    formatCount(worst),
    wall === null ? "–" : formatCount(wall),
    meanShare === null ? "–" : formatShare(meanShare),
    worstShare === null ? "–" : formatShare(worstShare),
    String(worstCore),
  ]);
  const populations = map.populations.map(({ name, neurons, cores }) => [
    name,
    formatCount(neurons),
    formatCount(cores),
  ]);
  return [
    `Map: ${plural(map.cores, "core")} on ${plural(map.tiles, "tile")} of ${plural(map.chips, "chip")}, ${formatCount(map.synapses)} stored synapses in ${formatCount(map.synapseWords)} words`,
    ...indent(
      textTable(
        [
          left("of one core"),
          right("mean"),
          right("worst"),
          right("wall"),
          right("mean use"),
          right("worst use"),
          right("core"),
        ],
        resources,
      ),
    ),
    "",
    ...indent(textTable([left("population"), right("neurons"), right("cores")], populations)),
  ];
}

const MESH_HOPS = [
  "hopEastWest",
  "hopNorthSouth",
  "hopEast",
  "hopWest",
  "hopNorth",
  "hopSouth",
] as const satisfies readonly Action[];

export function runText(run: RunSection): string[] {
  const { perInference: each } = run;
  const rows = run.populations.map((population) => {
    const { name, neurons, spikesPerInference, values } = population;
    const share = formatShare(spikesPerInference / neurons / run.modelSteps);
    return [name, formatCount(neurons), recordedText(population), values === undefined ? share : "–"];
  });
  const lines = [
    `Run: ${plural(run.samples, "inference")} of ${run.modelSteps} steps (${run.stepsPerInference} on the chip)`,
    ...indent(
      textTable(
        [left("population"), right("neurons"), right("spikes/inference"), right("of all steps")],
        rows,
      ),
    ),
    ...keyValueLines([
      ["synaptic operations/inference", formatCount(run.synapticOperationsPerInference)],
      ["synapse words read", formatCount(each.synapseWordRead)],
      ["messages between cores", formatCount(each.messageOut)],
      ["messages from the host", formatCount(each.inputMessage)],
      ["hops", formatCount(MESH_HOPS.reduce((sum, hop) => sum + each[hop], 0))],
    ]),
  ];
  const { neurobench } = run;
  if (neurobench !== undefined)
    lines.push(
      "  NeuroBench columns (of the model, per inference)",
      ...indent(
        keyValueLines([
          ["effective ACs", formatCount(neurobench.effectiveAcs)],
          ["effective MACs", formatCount(neurobench.effectiveMacs)],
          ["dense operations", formatCount(neurobench.denseOperations)],
          ["connection sparsity", neurobench.connectionSparsityShare.toFixed(4)],
          ["activation sparsity", neurobench.activationSparsityShare.toFixed(4)],
          ["membrane updates", formatCount(neurobench.membraneUpdates)],
          ["footprint", `${formatCount(neurobench.footprintBytes)} bytes`],
        ]),
      ),
    );
  return lines;
}

export function timeText(time: TimeSection): string[] {
  if (time.meanStepNs === null) return ["Time: the profile has no times for what was counted"];
  return [
    `Time per inference: ${formatTimeNs(time.perInferenceNs ?? NaN)} (timing model "${time.model}")`,
    ...keyValueLines([
      ["step, mean", formatTimeNs(time.meanStepNs)],
      ["step, worst", formatTimeNs(time.worstStepNs ?? NaN)],
      ...(time.requiredClockMhz === undefined
        ? []
        : ([["clock needed", `${time.requiredClockMhz.toPrecision(3)} MHz`]] as const)),
      ...(time.phases === undefined || time.phases.length === 0
        ? []
        : ([
            [
              "waits for",
              time.phases.map(({ phase, stepShare }) => `${phase} ${formatShare(stepShare)}`).join(", "),
            ],
          ] as const)),
      [
        "bound by",
        time.binding.length === 0
          ? "the barrier"
          : time.binding
              .map(({ core, phase, stepShare }) => `core ${core} ${phase} ${formatShare(stepShare)}`)
              .join(", "),
      ],
    ]),
  ];
}

function accuracyText({ accuracy }: RunReport): string[] {
  if (accuracy === undefined) return [];
  const pairs: [string, string][] = [["chip", formatShare(accuracy.chipShare)]];
  if (accuracy.modelShare !== undefined) pairs.push(["model", formatShare(accuracy.modelShare)]);
  if (accuracy.agreeingShare !== undefined)
    pairs.push(["same prediction", formatShare(accuracy.agreeingShare)]);
  return ["", `Accuracy on ${plural(accuracy.samples, "sample")}`, ...keyValueLines(pairs)];
}

function denseText({ dense, map, run, energy, time }: RunReport): string[] {
  if (dense === undefined) return [];
  const times = (a: number | null, b: number | null): string =>
    a === null || b === null || a === 0 ? "–" : `${(b / a).toFixed(1)} x`;
  const row = (label: string, text: (v: number) => string, a: number | null, b: number | null): string[] => [
    label,
    a === null ? "–" : text(a),
    b === null ? "–" : text(b),
    times(a, b),
  ];
  return [
    "",
    "Beside the same network unpruned (every pruned weight stored as a zero)",
    ...indent(
      textTable(
        [left(""), right("pruned"), right("unpruned"), right("saves")],
        [
          row("cores", formatCount, map.cores, dense.cores),
          row("synapse words", formatCount, map.synapseWords, dense.synapseWords),
          row(
            "synaptic operations",
            formatCount,
            run.synapticOperationsPerInference,
            dense.synapticOperationsPerInference,
          ),
          row("dynamic energy", formatEnergyPj, energy.dynamicPj, dense.dynamicPj),
          row("with static", formatEnergyPj, energy.totalPj, dense.totalPj),
          row("time", formatTimeNs, time.perInferenceNs, dense.perInferenceNs),
        ],
      ),
    ),
  ];
}
