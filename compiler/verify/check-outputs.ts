import type { Deployment } from "#ir/deployment";
import type { Network } from "#ir/network";
import { silentThreshold } from "#targets/neuron-limits";
import type { Target } from "#targets/target";
import { headerDiffers, portDiffers } from "./diagnostics.ts";
import type { Findings } from "./findings.ts";

/** Whether the output ports are the model's, each read as its population can be. */
export function checkOutputs(
  deployment: Deployment,
  network: Network,
  target: Target,
  findings: Findings,
): void {
  if (deployment.rules !== "lava" && deployment.rules !== "nengo")
    findings.report(headerDiffers({ field: "rules", stated: deployment.rules, expected: "lava or nengo" }));
  if (deployment.outputs.length !== network.outputs.length) {
    const what = `the deployment has ${deployment.outputs.length} outputs, the model ${network.outputs.length}`;
    findings.report(portDiffers({ port: "*", what }));
  }
  const { parameter, value } = silentThreshold(target.neuron);
  network.outputs.forEach(({ name, population: index }, i) => {
    const port = deployment.outputs.at(i);
    if (port === undefined) return;
    const differs = (what: string): void => findings.report(portDiffers({ port: name, what }));
    if (port.name !== name) differs(`it is called "${port.name}"`);
    if (port.population !== index) differs(`it reads population ${port.population}`);
    const population = network.populations[index];
    const silent =
      population.model !== "input" &&
      !network.projections.some(({ pre }) => pre === index) &&
      (population.params as Partial<typeof population.params>)[parameter]?.some(
        (threshold) => threshold !== value,
      ) === false;
    const expected = silent ? "membrane" : "spikes";
    if (port.readout !== expected) differs(`it reads ${port.readout}, not ${expected}`);
    const quantum = silent ? population.membraneQuantum : undefined;
    if (quantum?.join() !== port.membraneQuantum?.join()) differs("its membrane unit is another");
  });
}
