import { DATA_TYPE, SPINEC_DOMAIN, attribute, type FunctionProto } from "../proto.ts";
import { scalar, type NumberType } from "./constants.ts";
import { Names } from "./names.ts";
import { NodeList } from "./nodes.ts";

/** The body of a function of ours, node by node. Inputs are used by their names. */
export class FunctionBody {
  readonly #names = new Names();
  readonly #list: NodeList;
  readonly #numbers = new Map<string, string>();
  readonly #inputs: readonly string[];
  readonly #outputs: readonly string[];
  readonly #type: NumberType;

  /** @param type of the constants, unless they say otherwise */
  constructor(inputs: readonly string[], outputs: readonly string[], type: NumberType) {
    this.#inputs = inputs;
    this.#outputs = outputs;
    this.#type = type;
    for (const name of inputs) this.#names.take(name);
    this.#list = new NodeList(this.#names);
  }

  op(opType: string, ...inputs: string[]): string {
    return this.#list.op(opType, inputs, opType.toLowerCase());
  }

  /** A number as a tensor. */
  number(value: number): string {
    const wished = `c${String(value).replaceAll(/[^0-9a-z]/g, "_")}`;
    let name = this.#numbers.get(wished);
    if (name === undefined) {
      name = this.#list.op("Constant", [], wished, [
        attribute("value", { tensor: scalar(this.#type, value) }),
      ]);
      this.#numbers.set(wished, name);
    }
    return name;
  }

  cast(value: string, type: "float" | "double" | "int32" | "int64"): string {
    return this.#list.op("Cast", [value], type, [attribute("to", { int: DATA_TYPE[type] })]);
  }

  /** Gives a value the name of an output. */
  result(value: string, output: string): void {
    this.#list.op("Identity", [value], output);
  }

  function(name: string, docString: string, opset: number): FunctionProto {
    return {
      name,
      domain: SPINEC_DOMAIN,
      input: [...this.#inputs],
      output: [...this.#outputs],
      node: this.#list.nodes,
      opsetImport: [{ domain: "", version: opset }],
      docString,
    };
  }
}
