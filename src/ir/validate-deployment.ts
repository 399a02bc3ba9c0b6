import type { DiagnosticSink } from "#util/diagnostic";
import type { CoreProgram, Deployment, PopulationMap } from "./deployment.ts";
import { notExactlyOnce, duplicateName, indexRange, outOfRange, shapeMismatch } from "./diagnostics.ts";
import {
  checkBroadcast,
  checkElements,
  checkLength,
  checkPeriodicReset,
  checkStarts,
  checkWhole,
} from "./validate-arrays.ts";

/**
 * Level 3: the arrays of a deployment fit together and every index names something. For files from anywhere.
 * Whether it is legal for its target and computes what it should is what `verify` of the compiler proves.
 */
export function validateDeployment(deployment: Deployment, sink: DiagnosticSink): void {
  const { version, chips, cores, populations, inputs, outputs } = deployment;
  if ((version as number) !== 1) {
    sink.report(
      outOfRange({ subject: "deployment.version", what: "the version", needed: "1", found: version }),
    );
  }
  checkWhole(chips, 1, "the number of chips", "deployment.chips", sink);
  const axonsOf = new Map<number, number>();
  let previous = -1;
  for (const program of cores) {
    const subject = `deployment.cores[${program.core}]`;
    checkWhole(program.core, previous + 1, "the core id (ascending)", subject, sink);
    previous = program.core;
    axonsOf.set(program.core, program.axonWords.length);
  }
  for (const program of cores) validateCore(program, populations.length, axonsOf, sink);
  validatePopulationMaps(populations, cores, sink);
  for (const { name, population, drives, ...routes } of inputs) {
    const subject = `deployment.inputs["${name}"]`;
    const map = populationAt(populations, population, subject, sink);
    if (map === undefined) continue;
    validateRoutes(routes, sizeOf(map), axonsOf, subject, sink);
    if (drives === "bias")
      checkLength(map.core, sizeOf(map), `${subject}: neurons whose biases it drives`, sink);
  }
  for (const { name, population, readout, membraneQuantum } of outputs) {
    const subject = `deployment.outputs["${name}"]`;
    const map = populationAt(populations, population, subject, sink);
    if (readout !== "spikes" && readout !== "membrane") {
      const needed = '"spikes" or "membrane"';
      sink.report(outOfRange({ subject, what: "readout", needed, found: `"${String(readout)}"` }));
    }
    if (map !== undefined && membraneQuantum !== undefined) {
      checkBroadcast(membraneQuantum, sizeOf(map), `${subject}.membraneQuantum`, sink);
    }
  }
}

function sizeOf({ shape }: PopulationMap): number {
  return shape.reduce((size, extent) => size * extent, 1);
}

function populationAt(
  populations: readonly PopulationMap[],
  index: number,
  subject: string,
  sink: DiagnosticSink,
): PopulationMap | undefined {
  const map = populations[index] as PopulationMap | undefined;
  if (map === undefined) {
    sink.report(indexRange({ subject, what: "population", index, count: populations.length }));
  }
  return map;
}

function validateCore(
  program: CoreProgram,
  populations: number,
  axonsOf: ReadonlyMap<number, number>,
  sink: DiagnosticSink,
): void {
  const { neurons, groups, formats, target, weight, format, delaySteps } = program;
  const subject = `deployment.cores[${program.core}]`;
  checkWhole(neurons, 0, "the number of neurons", subject, sink);
  let covered = 0;
  groups.forEach(({ population, begin, end, params }, g) => {
    const at = `${subject}.groups[${g}]`;
    if (begin !== covered || end <= begin) {
      const needed = `a range that begins at ${covered}`;
      sink.report(outOfRange({ subject: at, what: "the group", needed, found: `[${begin}, ${end})` }));
    }
    covered = end;
    checkElements([population], 0, populations - 1, `${at}.population`, sink);
    params.forEach((values, k) => checkLength(values, end - begin, `${at}.params[${k}]`, sink));
  });
  if (covered !== neurons) {
    const needed = `the number of neurons, ${neurons},`;
    sink.report(
      shapeMismatch({ subject, what: "the end of the last group", needed, found: String(covered) }),
    );
  }
  const axons = program.axonWords.length;
  if (program.axonList !== undefined) checkLength(program.axonList, axons, `${subject}.axonList`, sink);
  checkStarts(program.axonStart, axons, target.length, `${subject}.axonStart`, sink);
  checkLength(weight, target.length, `${subject}.weight`, sink);
  checkLength(format, target.length, `${subject}.format`, sink);
  checkLength(delaySteps, target.length, `${subject}.delaySteps`, sink);
  checkElements(target, 0, neurons - 1, `${subject}.target`, sink);
  checkElements(format, 0, formats.length - 1, `${subject}.format`, sink);
  checkElements(delaySteps, 1, Infinity, `${subject}.delaySteps`, sink);
  validateRoutes(program, neurons, axonsOf, subject, sink);
}

interface Routes {
  readonly routeStart: Uint32Array;
  readonly routeCore: Uint32Array;
  readonly routeAxon: Uint16Array;
}

/** Every route ends at an axon of a core that is there. */
function validateRoutes(
  { routeStart, routeCore, routeAxon }: Routes,
  sources: number,
  axonsOf: ReadonlyMap<number, number>,
  subject: string,
  sink: DiagnosticSink,
): void {
  checkStarts(routeStart, sources, routeCore.length, `${subject}.routeStart`, sink);
  if (!checkLength(routeAxon, routeCore.length, `${subject}.routeAxon`, sink)) return;
  for (let i = 0; i < routeCore.length; i++) {
    const axons = axonsOf.get(routeCore[i]);
    if (axons !== undefined && routeAxon[i] < axons) continue;
    const found = `axon ${routeAxon[i]} of core ${routeCore[i]}`;
    const needed =
      axons === undefined ? "on a core that is in use" : `below ${axons}, the axons of that core,`;
    sink.report(outOfRange({ subject: `${subject}.routeAxon`, what: `route ${i}`, needed, found }));
    return;
  }
}

/** Far beyond the layers of any network; a run takes as many steps more. */
const MAX_START_STEP = 2 ** 16;

/** Maps and groups tell the same story: a neuron sits where its population's map says, exactly once. */
function validatePopulationMaps(
  populations: readonly PopulationMap[],
  cores: readonly CoreProgram[],
  sink: DiagnosticSink,
): void {
  const owner = new Map(cores.map((program) => [program.core, new Int32Array(program.neurons).fill(-1)]));
  for (const { core, groups } of cores) {
    for (const { population, begin, end } of groups) owner.get(core)!.fill(population, begin, end);
  }
  const seen = new Map(cores.map((program) => [program.core, new Uint8Array(program.neurons)]));
  const names = new Set<string>();
  populations.forEach(({ name, core, compartment, startStep, ...map }, p) => {
    const subject = `deployment.populations["${name}"]`;
    if (names.has(name)) sink.report(duplicateName({ subject, kind: "populations", name }));
    names.add(name);
    if (checkWhole(startStep, 0, "the start step", subject, sink) && startStep > MAX_START_STEP) {
      const needed = `at most ${MAX_START_STEP}`;
      sink.report(outOfRange({ subject, what: "the start step", needed, found: startStep }));
    }
    if (map.periodicReset !== undefined)
      checkPeriodicReset(map.periodicReset, `${subject}.periodicReset`, sink);
    if (!checkLength(compartment, core.length, `${subject}.compartment`, sink)) return;
    if (core.length > 0)
      checkLength(
        core,
        map.shape.reduce((n, extent) => n * extent, 1),
        `${subject}.core`,
        sink,
      );
    for (let i = 0; i < core.length; i++) {
      const found = owner.get(core[i])?.[compartment[i]];
      if (found === p && seen.get(core[i])![compartment[i]]++ === 0) continue;
      const place = `compartment ${compartment[i]} of core ${core[i]}`;
      const needed = `a compartment of "${name}" that no other neuron has`;
      sink.report(
        outOfRange({ subject: `${subject}[${i}]`, what: `the place of neuron ${i}`, needed, found: place }),
      );
      return;
    }
  });
  for (const { core, neurons } of cores) {
    const free = seen.get(core)!.indexOf(0);
    if (free === -1 || neurons === 0) continue;
    const subject = `deployment.cores[${core}]`;
    sink.report(notExactlyOnce({ subject, what: `compartment ${free} in the populations' maps`, times: 0 }));
  }
}
