import type { Deployment } from "#ir/deployment";
import { loihiCubaModel } from "#neurons/loihi-cuba";
import { LATER_ACTIONS } from "#targets/actions";
import { PRICED_ACTIONS, type Profile } from "#targets/target";
import type { DiagnosticSink } from "#util/diagnostic";
import {
  delayTooLong,
  differs,
  otherNeuronModel,
  pricesNotCarried,
  severalChips,
  synapsesPricedAlike,
  type Aspect,
} from "./diagnostics.ts";
import { mainEncodings } from "./network.ts";
import { biasOf, currentLeft, registersOf } from "./neuron.ts";

/** Longest synaptic delay of its dendrites, on top of the step that every spike takes. */
const MAX_EXTRA_DELAY_STEPS = 5;

/** Refuses what SANA-FE has no words for, and says what it computes otherwise. False after an error. */
export function checkCarried(deployment: Deployment, sink: DiagnosticSink): boolean {
  const { chips, cores, populations, rules } = deployment;
  const models = new Set(cores.flatMap(({ groups }) => groups.map(({ model }) => model)));
  const others = [...models].filter((model) => model !== loihiCubaModel.name);
  const longest = cores.reduce(
    (most, { delaySteps }) => delaySteps.reduce((a, b) => Math.max(a, b), most),
    1,
  );
  if (chips > 1) sink.report(severalChips({ chips }));
  for (const model of others) sink.report(otherNeuronModel({ model, known: loihiCubaModel.name }));
  if (longest - 1 > MAX_EXTRA_DELAY_STEPS)
    sink.report(delayTooLong({ steps: longest, limitSteps: MAX_EXTRA_DELAY_STEPS + 1 }));
  if (chips > 1 || others.length > 0 || longest - 1 > MAX_EXTRA_DELAY_STEPS) return false;

  const found = new Map<Aspect, Set<number>>();
  const note = (aspect: Aspect, population: number): unknown =>
    found.set(aspect, (found.get(aspect) ?? new Set()).add(population));
  populations.forEach(({ periodicReset }, p) => {
    if (periodicReset !== undefined) note("periodic-reset", p);
  });
  for (const { population, drives } of deployment.inputs)
    if (drives === "bias") note("bias-input", population);
  let alike = 0;
  for (const program of cores) {
    for (const group of program.groups)
      for (let n = 0; n < group.end - group.begin; n++) {
        const registers = registersOf(group, n);
        if (currentLeft(registers) > 0) note("current-not-rounded", group.population);
        if (currentLeft(registers) > 0 && rules === "nengo" && registers["refractorySteps"] > 1)
          note("input-lost-while-refractory", group.population);
        if (registers["u0"] !== 0 || registers["v0"] !== 0) note("initial-state", group.population);
        const starts = populations[group.population].startStep;
        if (starts > 0 && biasOf(registers) !== 0) note("start-step", group.population);
      }
    const encodings = mainEncodings(program);
    for (let e = 0; e < program.target.length; e++) {
      const { encoding, weightExponent } = program.formats[program.format[e]];
      if (encoding !== encodings[program.target[e]]) alike++;
      if (rules === "lava" && weightExponent < 0)
        for (const { population, begin, end } of program.groups)
          if (program.target[e] >= begin && program.target[e] < end) note("sum-not-rounded", population);
    }
  }
  for (const [aspect, where] of found)
    sink.report(differs({ aspect, populations: [...where].map((p) => populations[p].name) }));
  if (alike > 0) sink.report(synapsesPricedAlike({ synapses: alike }));
  return true;
}

/** Says which prices stand as 0 because nobody has published them, and which have no place in the file. */
export function checkPrices({ name, energy, time, inside }: Profile, sink: DiagnosticSink): void {
  const written = PRICED_ACTIONS.filter((action) => !NOT_CHARGED.has(action) && !NEVER.has(action));
  const zero = written.filter(
    (action) => inside?.[action] === undefined && !(energy[action] && time[action]),
  );
  const left = [...NOT_CHARGED].filter(
    (action) => (energy[action]?.value ?? 0) !== 0 || (time[action]?.value ?? 0) !== 0,
  );
  if (zero.length > 0 || left.length > 0) sink.report(pricesNotCarried({ profile: name, zero, left }));
}

type Actions = ReadonlySet<(typeof PRICED_ACTIONS)[number]>;

/** Actions that SANA-FE has no price for, or that the exporter does not write. */
const NOT_CHARGED: Actions = new Set(["synapseWordRead", "hopTile", "inputMessage", ...LATER_ACTIONS]);
/** Actions of no deployment that is written. */
const NEVER: Actions = new Set(["synapseConv", "hopChip"]);
