import type { CoreProgram, Deployment } from "#ir/deployment";
import type { Network } from "#ir/network";
import { neuronModel, paramOf } from "#neurons/index";
import { malformed, neuronMisplaced, parameterDiffers, populationDiffers } from "./diagnostics.ts";
import type { Findings } from "./findings.ts";

/** Who sits where, by core id; `[compartments]`, -1 where nobody does. */
export type Owners = ReadonlyMap<number, { readonly population: Int32Array; readonly neuron: Int32Array }>;

/** Compares population maps and parameters with the model: every neuron on exactly one compartment, and as the model has it. */
export function checkNeurons(
  deployment: Deployment,
  cores: readonly CoreProgram[],
  network: Network,
  findings: Findings,
): Owners {
  const owners = new Map(
    cores.map(({ core, neurons }) => [
      core,
      { population: new Int32Array(neurons).fill(-1), neuron: new Int32Array(neurons).fill(-1) },
    ]),
  );
  network.populations.forEach((population, index) => {
    const map = deployment.populations.at(index);
    if (map === undefined) return;
    const { name, size } = population;
    const differs = (what: string): void => findings.report(populationDiffers({ population: name, what }));
    const startStep = population.startStep ?? 0;
    if (map.startStep !== startStep) differs(`it starts in step ${map.startStep}, not ${startStep}`);
    const { periodicReset: reset } = population;
    if (map.periodicReset?.intervalSteps !== reset?.intervalSteps)
      differs(`it forgets every ${map.periodicReset?.intervalSteps ?? "∞"} steps`);
    else if (map.periodicReset?.offsetSteps !== reset?.offsetSteps)
      differs(
        `it forgets in step ${map.periodicReset?.offsetSteps}, not ${reset?.offsetSteps}, of its interval`,
      );
    const expected = population.model === "input" ? 0 : size;
    if (map.core.length !== expected || map.compartment.length !== expected) {
      differs(`it has ${map.core.length} places for ${expected} neurons`);
      return;
    }
    for (let n = 0; n < expected; n++) {
      const [core, compartment] = [map.core[n], map.compartment[n]];
      const owner = owners.get(core);
      const misplaced = (what: string): void =>
        findings.report(neuronMisplaced({ population: name, neuron: n, core, compartment, what }));
      if (owner === undefined) misplaced("there is no such core");
      else if (compartment >= owner.neuron.length)
        misplaced(`the core has ${owner.neuron.length} compartments`);
      else if (owner.neuron[compartment] >= 0) misplaced("another neuron is there");
      else {
        owner.population[compartment] = index;
        owner.neuron[compartment] = n;
      }
    }
  });
  for (const core of cores) checkGroups(core, owners, network, findings);
  return owners;
}

/**
 * Whether the populations are those of the model at all: number, names, shapes. If not, this is another model, and
 * comparing further would only repeat that.
 */
export function checkPopulations(deployment: Deployment, network: Network, findings: Findings): boolean {
  const before = findings.total;
  if (deployment.populations.length !== network.populations.length) {
    const what = `the deployment has ${deployment.populations.length} populations, the model ${network.populations.length}`;
    findings.report(populationDiffers({ population: "*", what }));
  }
  network.populations.forEach(({ name, shape }, index) => {
    const map = deployment.populations.at(index);
    const differs = (what: string): void => findings.report(populationDiffers({ population: name, what }));
    if (map !== undefined && map.name !== name) differs(`it is called "${map.name}"`);
    if (map !== undefined && map.shape.join() !== shape.join())
      differs(`its shape is [${map.shape.join()}], in the model [${shape.join()}]`);
  });
  return findings.total === before;
}

function checkGroups(core: CoreProgram, owners: Owners, network: Network, findings: Findings): void {
  const owner = owners.get(core.core);
  if (owner === undefined) return;
  for (const group of core.groups) {
    const population = network.populations[group.population];
    if (population.model === "input" || group.model !== population.model) {
      const what = `its neurons on core ${core.core} are of model "${group.model}"`;
      findings.report(populationDiffers({ population: population.name, what }));
      continue;
    }
    const model = neuronModel(population.model);
    if (group.params.length !== model.params.length) {
      const what = `a group of "${population.name}" has ${group.params.length} parameters, its model ${model.params.length}`;
      findings.report(malformed({ core: core.core, what }));
      continue;
    }
    for (let c = group.begin; c < group.end; c++) {
      if (owner.population[c] === group.population) continue;
      const what = `compartment ${c} is in a group of "${population.name}", but no neuron of it is mapped there`;
      findings.report(malformed({ core: core.core, what }));
    }
    model.params.forEach(({ name: parameter }, p) => {
      const expected = paramOf(model, population.params, parameter, population.size);
      const stored = group.params[p];
      for (let c = group.begin; c < group.end; c++) {
        const neuron = owner.neuron[c];
        if (neuron < 0 || owner.population[c] !== group.population) continue;
        if (stored[c - group.begin] === expected[neuron]) continue;
        findings.report(
          parameterDiffers({
            population: population.name,
            neuron,
            parameter,
            stored: stored[c - group.begin],
            expected: expected[neuron],
          }),
        );
      }
    });
  }
}
