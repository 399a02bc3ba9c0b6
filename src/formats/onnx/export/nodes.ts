import type { AttributeProto, NodeProto } from "../proto.ts";
import type { Names } from "./names.ts";

/** A list of nodes that grows; every node has the name of its first output. */
export class NodeList {
  readonly nodes: NodeProto[] = [];
  readonly #names: Names;

  constructor(names: Names) {
    this.#names = names;
  }

  /** Adds a node with one output and gives the output's name: the wished one, or one like it. */
  op(opType: string, inputs: readonly string[], wished: string, attributes: AttributeProto[] = []): string {
    return this.call("", opType, inputs, [wished], attributes)[0];
  }

  call(
    domain: string,
    opType: string,
    inputs: readonly string[],
    wished: readonly string[],
    attributes: AttributeProto[] = [],
  ): string[] {
    const outputs = wished.map((name) => this.#names.take(name));
    this.nodes.push({
      name: outputs[0],
      opType,
      input: [...inputs],
      output: outputs,
      ...(domain === "" ? {} : { domain }),
      ...(attributes.length === 0 ? {} : { attribute: attributes }),
    });
    return outputs;
  }
}
