import { ATTRIBUTE_TYPE, numberOf, type AttributeProto, type GraphProto } from "../proto.ts";
import { attributeValue } from "./diagnostics-nodes.ts";
import type { GraphNode } from "./graph.ts";
import { Refusal } from "./refusal.ts";
import { readTensor, type Tensor } from "./tensor.ts";

/** The attributes of a node, by name and type. Each getter throws `Refusal` for one of another type. */
export class Attributes {
  readonly #node: GraphNode;

  constructor(node: GraphNode) {
    this.#node = node;
  }

  has(name: string): boolean {
    return this.#node.attributes.has(name);
  }

  int(name: string, fallback: number): number {
    const found = this.#get(name, "int");
    return found === undefined ? fallback : this.#whole(name, found.i);
  }

  ints(name: string): number[] | undefined {
    return this.#get(name, "ints")?.ints?.map((value) => this.#whole(name, value));
  }

  float(name: string, fallback: number): number {
    return this.#get(name, "float")?.f ?? fallback;
  }

  text(name: string, fallback: string): string {
    const found = this.#get(name, "string");
    return found === undefined ? fallback : new TextDecoder().decode(found.s ?? undefined);
  }

  tensor(name: string): Tensor | undefined {
    const found = this.#get(name, "tensor")?.t ?? undefined;
    return found && readTensor(found, undefined);
  }

  graph(name: string): GraphProto | undefined {
    return this.#get(name, "graph")?.g ?? undefined;
  }

  /** Throws `Refusal` that says what an attribute is and what it needs to be. */
  refuse(attribute: string, found: string, needed: string): never {
    const { name, operator } = this.#node;
    throw new Refusal(attributeValue({ name, operator, attribute, needed, found }));
  }

  #get(name: string, type: keyof typeof ATTRIBUTE_TYPE): AttributeProto | undefined {
    const found = this.#node.attributes.get(name);
    if (found === undefined || found.type === ATTRIBUTE_TYPE[type]) return found;
    const stored = Object.entries(ATTRIBUTE_TYPE).find(([, number]) => number === found.type)?.[0];
    return this.refuse(name, `a value of type ${stored ?? String(found.type)}`, `one of type ${type}`);
  }

  #whole(name: string, value: unknown): number {
    const number = numberOf(value);
    return Number.isNaN(number) ? this.refuse(name, String(value), "a whole number below 2^53") : number;
  }
}
