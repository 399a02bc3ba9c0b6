import { isIdentity } from "#ir/connectivity";
import type { Network, Population, Projection } from "#ir/network";
import { ToolchainError, type Diagnostic } from "#util/diagnostic";
import { depthFirst } from "./depth-first.ts";
import { notExpressible } from "./diagnostics-write.ts";
import { sameShape } from "./fields.ts";
import type { NirField, NirFile, NirNode } from "./graph.ts";
import { delaysOf, waitsOf } from "./write-delay.ts";
import { flatten, mapNode, needsFlatInput } from "./write-map.ts";
import {
  fullShape,
  hasNeuronType,
  integers,
  neuronNode,
  node,
  scalar,
  secondsOf,
  type FileUnits,
} from "./write-node.ts";
import { DT_METADATA, GRAPH_METADATA } from "./writers.ts";

/** Step of networks that count time in steps: the one that snnTorch, SpikingJelly and Lava read. */
const DEFAULT_DT_SECONDS = 1e-4;

/** What `/version` says: the NIR release whose reader accepts these files. */
const NIR_VERSION = "1.0.8";

/** How numbers are written; everything is optional. */
export interface NirWriting {
  /** `s` (the default), or whole steps, for readers that count those. */
  readonly timeUnit?: "s" | "steps";
  /** Step that times are written in, in seconds: what the reader takes for granted. Default: the network's own. */
  readonly dtSeconds?: number;
  /** Gain of IF and I per step: r (the default), or r times the step, as the specification has it. */
  readonly ifStep?: "one" | "dt";
}

/**
 * Network → NIR file: seconds (or steps), gains as they are, reset to a value.
 *
 * Takes the faithful form (relays) and the folded form alike: a relay behind one map becomes that map's
 * node, a map straight into neurons gets a node of its own, named after its layer, and sums become edges
 * that meet. Reading the file back gives the same parameters, bit for bit, and the same weights; what NIR cannot
 * say is in the metadata.
 *
 * @throws ToolchainError naming everything that NIR cannot say: chip models, delays that no cut of a cycle
 * gives back, maps too large to write out
 */
export function networkToNir(network: Network, writing: NirWriting = {}): NirFile {
  return new NirWriter(network, writing).run();
}

/** How a population enters the file. */
type Role = "input" | "neuron" | "output" | "map" | "delay" | "sum" | "scale" | "none";

class NirWriter {
  readonly #network: Network;
  /** Step of the file, in seconds; undefined if it counts steps. */
  readonly #dtSeconds: number | undefined;
  readonly #units: FileUnits;
  readonly #faults: Diagnostic[] = [];
  readonly #nodes = new Map<string, NirNode>();
  readonly #edges: (readonly [from: string, to: string])[] = [];
  /** Edge to whether it must close a cycle when the file is read. */
  readonly #feedback = new Map<string, boolean>();
  readonly #incoming: Projection[][];
  readonly #outgoing: number[];
  readonly #roles: Role[];
  /** Node that takes a population's inputs, and node that gives its output. */
  readonly #entries: (string | undefined)[] = [];
  readonly #exits: (string | undefined)[] = [];

  constructor(network: Network, { timeUnit, dtSeconds, ifStep }: NirWriting) {
    this.#network = network;
    this.#dtSeconds =
      timeUnit === "steps" ? undefined : (dtSeconds ?? stepSeconds(network) ?? DEFAULT_DT_SECONDS);
    const step = this.#dtSeconds ?? 1;
    this.#units = { step, integratorStep: ifStep === "dt" ? step : 1 };
    this.#incoming = network.populations.map(() => []);
    this.#outgoing = network.populations.map(() => 0);
    for (const projection of network.projections) {
      this.#incoming[projection.post].push(projection);
      this.#outgoing[projection.pre]++;
    }
    this.#roles = network.populations.map((population, index) => this.#roleOf(population, index));
    // A sum of sums keeps a node, so that every source of a sum is a node.
    this.#roles.forEach((role, index) => {
      if (role === "sum" && this.#incoming[index].some(({ pre }) => this.#roles[pre] === "sum"))
        this.#roles[index] = "scale";
    });
  }

  run(): NirFile {
    const { populations, outputs } = this.#network;
    populations.forEach((population, index) => this.#addPopulation(population, index));
    populations.forEach((population, index) => this.#connect(population, index));
    for (const { name, population } of outputs) this.#addOutput(name, population);
    const nodes = [...this.#nodes.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    if (this.#faults.length === 0) this.#checkCycles(nodes);
    this.#checkStarts();
    if (this.#faults.length > 0) throw new ToolchainError(this.#faults);
    return { version: NIR_VERSION, root: { nodes, edges: this.#edges, metadata: this.#metadata() } };
  }

  /** Who wrote the file, and what of the network as a whole NIR cannot say. */
  #metadata(): Record<string, NirField> {
    const metadata: Record<string, NirField> = {};
    if (this.#dtSeconds === undefined) metadata[GRAPH_METADATA.timeUnit] = "steps";
    else metadata[DT_METADATA] = scalar(this.#dtSeconds);
    const { timestepNs } = this.#network;
    const isOwnStep = stepSeconds(this.#network) === this.#dtSeconds;
    if (!isOwnStep) metadata[GRAPH_METADATA.timestepNs] = scalar(timestepNs ?? 0);
    if (this.#units.integratorStep !== 1) metadata[GRAPH_METADATA.ifStep] = "dt";
    const starts = new Set(this.#network.projections.flatMap(({ beforeStart }) => beforeStart ?? []));
    if (starts.has("absent")) metadata[GRAPH_METADATA.feedbackT0] = "absent";
    return metadata;
  }

  #roleOf(population: Population, index: number): Role {
    const { outputs } = this.#network;
    if (population.model === "input") return "input";
    if (hasNeuronType(population)) return "neuron";
    if (population.model !== "relay") return "none";
    const plain = this.#incoming[index].every((projection) => this.#isPlain(projection));
    if (!plain && this.#incoming[index].length === 1) return "map";
    if (delaysOf(this.#incoming[index]) !== undefined && !this.#needsBias(index)) return "delay";
    const isOutput = outputs.some((port) => port.population === index);
    if (!plain || this.#needsBias(index)) return "scale";
    if (isOutput) return this.#outgoing[index] === 0 ? "output" : "scale";
    return this.#outgoing[index] === 1 ? "sum" : "scale";
  }

  #needsBias(index: number): boolean {
    return this.#network.populations[index].bias?.some((value) => value !== 0) === true;
  }

  /** No layer, one to one with weight 1, no delay beyond a cut cycle, no change of shape: an edge says it all. */
  #isPlain(projection: Projection): boolean {
    const { populations } = this.#network;
    const { pre, post, connectivity, weightScale, layer } = projection;
    if (layer !== undefined) return false;
    const shapesAgree = sameShape(populations[pre].shape, populations[post].shape);
    return shapesAgree && weightScale === 1 && waitsOf(projection) === 0 && isIdentity(connectivity);
  }

  #fault(name: string, reason: string): void {
    this.#faults.push(notExpressible({ name, reason }));
  }

  /** A free node name; "/" separates groups in HDF5 and cannot be part of one. */
  #name(wanted: string): string {
    const base = wanted.replaceAll("/", ".");
    let name = base;
    for (let i = 0; this.#nodes.has(name); i++) name = `${base}_${i}`;
    return name;
  }

  #add(written: NirNode): string {
    this.#nodes.set(written.name, written);
    return written.name;
  }

  #join(from: string, to: string, closesCycle: boolean): void {
    const key = `${from}\n${to}`;
    if (this.#feedback.has(key)) this.#fault(from, `two edges to "${to}" count as one in NIR`);
    this.#feedback.set(key, closesCycle);
    this.#edges.push([from, to]);
  }

  /** The node of a population, where it has one. */
  #addPopulation(population: Population, index: number): void {
    const { name, model, shape, startStep, periodicReset } = population;
    if ((startStep ?? 0) > 0) this.#fault(name, "it starts later than the network");
    if (periodicReset !== undefined) this.#fault(name, "its state is cleared at regular times");
    const written = this.#populationNode(population, index);
    if (this.#roles[index] === "none") this.#fault(name, `NIR has no neuron like "${model}"`);
    if (written === undefined) return;
    this.#entries[index] = this.#exits[index] = this.#add(written);
    if (this.#roles[index] !== "scale" || !this.#needsBias(index)) return;

    // A sum with a constant: an Affine identity behind the sum.
    const connectivity = {
      kind: "diagonal",
      rows: population.size,
      cols: population.size,
      values: Float64Array.of(1),
    } as const;
    const ends = { pre: shape, post: shape, weightScale: 1, isLayer: false };
    const affine = mapNode(this.#name(`${name}_bias`), {
      connectivity,
      ...ends,
      bias: population.bias as Float64Array,
    });
    if (affine === undefined) this.#fault(name, "its bias needs too large a matrix");
    else {
      this.#exits[index] = this.#add(affine);
      this.#join(written.name, affine.name, false);
    }
  }

  #populationNode(population: Population, index: number): NirNode | undefined {
    const { name, shape, bias } = population;
    switch (this.#roles[index]) {
      case "input": {
        const port = this.#network.inputs.find((input) => input.population === index);
        return node(this.#name(port?.name ?? name), "Input", { shape: integers(shape) });
      }
      case "neuron":
        return neuronNode(this.#name(name), population, this.#units);
      case "output":
        return node(this.#name(name), "Output", { shape: integers(shape) });
      case "map":
        return this.#mapOf(this.#name(name), this.#incoming[index][0], bias);
      case "delay": {
        const steps = delaysOf(this.#incoming[index]) ?? new Float64Array(0);
        const seconds = steps.map((delay) => secondsOf(delay, this.#units.step));
        return node(this.#name(name), "Delay", { delay: fullShape(seconds, shape) });
      }
      case "scale":
        return node(this.#name(name), "Scale", { scale: fullShape(Float64Array.of(1), shape) });
      default:
        return undefined;
    }
  }

  #mapOf(name: string, projection: Projection, bias: Float64Array | undefined): NirNode | undefined {
    const { populations } = this.#network;
    const { connectivity, weightScale, layer } = projection;
    const pre = populations[projection.pre].shape;
    const post = populations[projection.post].shape;
    const waits = waitsOf(projection);
    const isCopy = layer === undefined && isIdentity(connectivity) && weightScale === 1;
    const plain = isCopy && bias === undefined && sameShape(pre, post);
    if (plain && waits > 0) return this.#delayNode(name, pre, waits);
    const ends = { pre, post, weightScale, isLayer: layer !== undefined };
    const written = mapNode(name, { connectivity, ...ends, ...(bias === undefined ? {} : { bias }) });
    if (written === undefined) this.#fault(projection.name, "no NIR node holds its weights");
    return written;
  }

  #delayNode(name: string, shape: readonly number[], steps: number): NirNode {
    return node(name, "Delay", {
      delay: fullShape(Float64Array.of(secondsOf(steps, this.#units.step)), shape),
    });
  }

  #connect(population: Population, index: number): void {
    const entry = this.#entries[index];
    if (entry === undefined) return;
    if (this.#roles[index] === "map" || this.#roles[index] === "delay") {
      this.#feed(this.#incoming[index][0], entry);
      return;
    }
    let bias = this.#roles[index] === "neuron" && this.#needsBias(index) ? population.bias : undefined;
    for (const projection of this.#incoming[index]) {
      if (this.#isPlain(projection) && bias === undefined) {
        this.#joinSources(projection, entry);
        continue;
      }
      const source = this.#network.populations[projection.pre].name;
      const label = projection.layer?.node ?? `${source}_to_${population.name}`;
      const written = this.#mapOf(this.#name(label), projection, bias);
      if (written === undefined) continue;
      if (written.fields.bias !== undefined) bias = undefined;
      this.#feed(projection, this.#add(written));
      this.#join(written.name, entry, false);
    }
    if (bias !== undefined) this.#fault(population.name, "it has a bias, and no input that could carry it");
  }

  /** Edges from a projection's source to a map node, through a Delay and a Flatten where they are needed. */
  #feed(projection: Projection, mapName: string): void {
    const { shape } = this.#network.populations[projection.pre];
    const written = this.#nodes.get(mapName) as NirNode;
    const waits = waitsOf(projection);
    let target = mapName;
    const prepend = (front: NirNode): void => {
      this.#join(this.#add(front), target, false);
      target = front.name;
    };
    if (needsFlatInput(shape, written)) prepend(flatten(this.#name(`${mapName}_flatten`), shape));
    if (waits > 0 && written.type !== "Delay")
      prepend(this.#delayNode(this.#name(`${mapName}_delay`), shape, waits));
    this.#joinSources(projection, target);
  }

  /** One edge from the projection's source, or one from each summand of a sum that has no node. */
  #joinSources(projection: Projection, target: string): void {
    if (this.#roles[projection.pre] !== "sum") {
      const source = this.#exits[projection.pre];
      if (source !== undefined) this.#join(source, target, projection.beforeStart !== undefined);
      return;
    }
    for (const summand of this.#incoming[projection.pre]) {
      const source = this.#exits[summand.pre];
      const closes = summand.beforeStart !== undefined;
      if (closes && projection.beforeStart !== undefined)
        this.#fault(summand.name, "it is delayed twice around a cycle");
      if (source !== undefined) this.#join(source, target, closes || projection.beforeStart !== undefined);
    }
  }

  #addOutput(name: string, population: number): void {
    const source = this.#exits[population];
    if (source === undefined || this.#nodes.get(source)?.type === "Output") return;
    const { shape } = this.#network.populations[population];
    const taken = this.#nodes.has(name.replaceAll("/", "."));
    const port = node(this.#name(taken ? `output_${name}` : name), "Output", { shape: integers(shape) });
    this.#join(source, this.#add(port), false);
  }

  /** One rule for all feedback edges: what they carry in step 0. */
  #checkStarts(): void {
    const feedback = this.#network.projections.filter(({ beforeStart }) => beforeStart !== undefined);
    const odd = feedback.find(({ beforeStart }) => beforeStart !== feedback[0].beforeStart);
    if (odd !== undefined)
      this.#fault(odd.name, `before the first step it carries something else than "${feedback[0].name}"`);
  }

  /** Readers cut cycles by themselves: exactly the feedback edges must be the ones they cut. */
  #checkCycles(nodes: readonly NirNode[]): void {
    const index = new Map(nodes.map(({ name }, i) => [name, i]));
    const at = (name: string): number => index.get(name) as number;
    const edges = { from: this.#edges.map(([from]) => at(from)), to: this.#edges.map(([, to]) => at(to)) };
    const roots = nodes.flatMap(({ type }, i) => (type === "Input" ? [i] : []));
    const { closesCycle } = depthFirst(nodes.length, edges, roots);
    this.#edges.forEach(([from, to], edge) => {
      const isFeedback = this.#feedback.get(`${from}\n${to}`) === true;
      if (closesCycle[edge] === isFeedback) return;
      const outcome = isFeedback
        ? "would lose its delay of one step"
        : "closes a cycle and would get a delay of one step";
      this.#fault(from, `its edge to "${to}" ${outcome} when it is read`);
    });
  }
}

/** One step of the network in seconds, where it is known. */
function stepSeconds({ timestepNs }: Network): number | undefined {
  return timestepNs === undefined ? undefined : Number((timestepNs * 1e-9).toPrecision(12));
}
