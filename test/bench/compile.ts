// Compile and verify a network of a million synapses; the yardstick is one pass that only copies them.
import { compile, verify } from "#compiler/index";
import type { SparseMatrix } from "#ir/network";
import { transpose } from "#ir/sparse";
import { cpuMs, report } from "#test/bench";
import { between, edge, input, loihiCuba, network, randomSparse } from "#test/networks";
import { loihi1 } from "#targets/loihi1/index";
import { DiagnosticSink } from "#util/diagnostic";
import { createRng } from "#util/rng";

const NEURONS = 2000; // of each layer
const DENSITY = 0.125; // share of synapses left after pruning: 10^6 in two projections

const rng = createRng(1);
const synapses = (): SparseMatrix =>
  randomSparse(rng, NEURONS, NEURONS, DENSITY, () => 2 * between(rng, -120, 120));
const quantization = { weightBits: 8, signMode: "mixed", weightExponent: 0 } as const;
const net = network(
  [
    input("in", NEURONS),
    loihiCuba("a", NEURONS, {}, { startStep: 1 }),
    loihiCuba("b", NEURONS, {}, { startStep: 2 }),
  ],
  [
    edge("in", "a", synapses(), { delaySteps: 1, quantization }),
    edge("a", "b", synapses(), { delaySteps: 1, quantization }),
  ],
);

const { deployment, utilization } = compile(net, loihi1);
const million = utilization.synapses / 1e6;
report({
  name: "compile",
  unit: "ms per million synapses",
  results: {
    compile: cpuMs(() => compile(net, loihi1)) / million,
    verify: cpuMs(() => verify(deployment, net, loihi1, new DiagnosticSink())) / million,
    "transpose only":
      cpuMs(() => net.projections.map((p) => transpose(p.connectivity as SparseMatrix))) / million,
  },
});
