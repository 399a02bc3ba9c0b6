import { DIRECTIONS, type NocMesh } from "./mesh.ts";

const WAYS = DIRECTIONS.length;

/**
 * The ways of multicast packets: at every router on the XY tree of a spike, which outputs the packet leaves by. A tree is
 * made when a neuron fires for the first time, and shared by neurons of a core that have the same receivers in the same
 * order.
 */
export class MulticastTrees {
  /** By node: bit d for direction d, bit 4 + p for core p of the tile. */
  readonly outputs: number[] = [];
  readonly #children: number[] = [];
  /** By node and core of the tile, where its entries in `#offsets` begin; each list ends with -1. */
  readonly #deliveries: number[] = [];
  readonly #offsets: number[] = [-1];
  readonly #roots = new Map<string, number>();
  readonly #rootOfNeuron = new Map<number, number>();
  readonly #mesh: NocMesh;
  readonly #routerOfRow: Int32Array;
  readonly #portOfRow: Int32Array;

  constructor(mesh: NocMesh, routerOfRow: Int32Array, portOfRow: Int32Array) {
    this.#mesh = mesh;
    this.#routerOfRow = routerOfRow;
    this.#portOfRow = portOfRow;
  }

  /** @param to receiving rows of the neuron's messages: entries begin .. end - 1 */
  rootOf(neuron: number, row: number, to: Int32Array, begin: number, end: number): number {
    const known = this.#rootOfNeuron.get(neuron);
    if (known !== undefined) return known;
    const rows = to.slice(begin, end);
    const key = `${row}:${rows.join()}`;
    let root = this.#roots.get(key);
    if (root === undefined) {
      root = this.#grow(this.#routerOfRow[row], rows, [...rows.keys()]);
      this.#roots.set(key, root);
    }
    this.#rootOfNeuron.set(neuron, root);
    return root;
  }

  /** Where a copy that leaves by a direction arrives. */
  child(node: number, direction: number): number {
    return this.#children[node * WAYS + direction];
  }

  /** Index of the first message for a core of the tile, as a place for `message` and `next`. */
  delivery(node: number, port: number): number {
    return this.#deliveries[node * this.#mesh.coresPerTile + port];
  }

  /** Place of a message among those of its spike; -1: the list of the core is at its end. */
  message(delivery: number): number {
    return this.#offsets[delivery];
  }

  #grow(router: number, rows: Int32Array, messages: readonly number[]): number {
    const mesh = this.#mesh;
    const node = this.outputs.length;
    const ways = messages.map((message) => mesh.towards(router, this.#routerOfRow[rows[message]]));
    let outputs = 0;
    this.outputs.push(0);
    for (let way = 0; way < WAYS; way++) this.#children.push(-1);
    for (let port = 0; port < mesh.coresPerTile; port++) {
      const here = messages.filter((message, i) => ways[i] < 0 && this.#portOfRow[rows[message]] === port);
      this.#deliveries.push(here.length === 0 ? 0 : this.#offsets.length);
      if (here.length === 0) continue;
      outputs |= 1 << (WAYS + port);
      this.#offsets.push(...here, -1);
    }
    for (let way = 0; way < WAYS; way++) {
      const beyond = messages.filter((_, i) => ways[i] === way);
      if (beyond.length === 0) continue;
      outputs |= 1 << way;
      this.#children[node * WAYS + way] = this.#grow(mesh.neighbour(router, way), rows, beyond);
    }
    this.outputs[node] = outputs;
    return node;
  }
}
