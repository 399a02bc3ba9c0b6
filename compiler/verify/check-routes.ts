import type { CoreProgram, Deployment, InputPort } from "#ir/deployment";
import type { Network } from "#ir/network";
import type { Owners } from "./check-neurons.ts";
import { axonShared, axonUnreferenced, portDiffers, routeLeadsNowhere } from "./diagnostics.ts";
import type { Findings } from "./findings.ts";

/** Who feeds each input axon, by core id; `[axons]`, population -1 where nobody does. */
export type AxonSources = ReadonlyMap<
  number,
  { readonly population: Int32Array; readonly neuron: Int32Array }
>;

/** Follows every route of every compartment and input line: each input axon must be reached exactly once. */
export function checkRoutes(
  deployment: Deployment,
  cores: readonly CoreProgram[],
  network: Network,
  owners: Owners,
  findings: Findings,
): AxonSources {
  const sources = new Map(
    cores.map(({ core, axonWords }) => [
      core,
      {
        population: new Int32Array(axonWords.length).fill(-1),
        neuron: new Int32Array(axonWords.length).fill(-1),
      },
    ]),
  );
  const follow = (
    from: () => string,
    population: number,
    neuron: number,
    core: number,
    axon: number,
  ): void => {
    const source = sources.get(core);
    if (source === undefined || axon >= source.neuron.length) {
      const what =
        source === undefined ? "there is no such core" : `it has ${source.neuron.length} input axons`;
      findings.report(routeLeadsNowhere({ from: from(), core, axon, what }));
    } else if (source.neuron[axon] >= 0) findings.report(axonShared({ core, axon }));
    else {
      source.population[axon] = population;
      source.neuron[axon] = neuron;
    }
  };

  for (const { core, neurons, routeStart, routeCore, routeAxon } of cores) {
    const owner = owners.get(core);
    if (owner === undefined) continue;
    for (let c = 0; c < neurons; c++)
      for (let i = routeStart[c]; i < routeStart[c + 1]; i++)
        follow(
          () => `compartment ${c} of core ${core}`,
          owner.population[c],
          owner.neuron[c],
          routeCore[i],
          routeAxon[i],
        );
  }
  firstPorts(deployment, network, findings).forEach(
    ({ name, population, routeStart, routeCore, routeAxon }) => {
      for (let line = 0; line + 1 < routeStart.length; line++)
        for (let i = routeStart[line]; i < routeStart[line + 1]; i++)
          follow(() => `line ${line} of input "${name}"`, population, line, routeCore[i], routeAxon[i]);
    },
  );
  for (const [core, { neuron }] of sources)
    neuron.forEach((fed, axon) => {
      if (fed < 0) findings.report(axonUnreferenced({ core, axon }));
    });
  return sources;
}

/** The input ports, compared with the model; of several ports on one population the first, the others being equal. */
function firstPorts(deployment: Deployment, network: Network, findings: Findings): InputPort[] {
  if (deployment.inputs.length !== network.inputs.length) {
    const what = `the deployment has ${deployment.inputs.length} inputs, the model ${network.inputs.length}`;
    findings.report(portDiffers({ port: "*", what }));
  }
  const first = new Map<number, InputPort>();
  network.inputs.forEach((expected, index) => {
    const port = deployment.inputs.at(index);
    if (port === undefined) return;
    const differs = (what: string): void => findings.report(portDiffers({ port: expected.name, what }));
    const { size } = network.populations[expected.population];
    if (port.name !== expected.name) differs(`it is called "${port.name}"`);
    if (port.population !== expected.population) differs(`it drives population ${port.population}`);
    else if (port.drives !== expected.drives)
      differs(`it drives ${port.drives ?? "axons"}, not ${expected.drives ?? "axons"}`);
    else if (!isTable(port, size)) differs(`its route table does not fit ${size} lines`);
    else if (port.drives === "bias") {
      if (port.routeCore.length > 0) differs("it drives biases, and has routes");
    } else {
      const known = first.get(port.population);
      if (known === undefined) first.set(port.population, port);
      else if (!sameTable(known, port)) differs(`it has other routes than "${known.name}"`);
    }
  });
  return [...first.values()];
}

function isTable({ routeStart, routeCore, routeAxon }: InputPort, lines: number): boolean {
  if (routeStart.length !== lines + 1 || routeStart[0] !== 0) return false;
  for (let i = 0; i < lines; i++) if (routeStart[i + 1] < routeStart[i]) return false;
  return routeStart[lines] === routeCore.length && routeCore.length === routeAxon.length;
}

function sameTable(a: InputPort, b: InputPort): boolean {
  const equal = (x: ArrayLike<number>, y: ArrayLike<number>): boolean =>
    x.length === y.length && Array.prototype.every.call(x, (value, i) => value === y[i]);
  return (
    equal(a.routeStart, b.routeStart) && equal(a.routeCore, b.routeCore) && equal(a.routeAxon, b.routeAxon)
  );
}
