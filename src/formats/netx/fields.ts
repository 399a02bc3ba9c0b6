import type { Hdf5Array } from "#formats/hdf5/values";
import type { DiagnosticSink } from "#util/diagnostic";
import * as messages from "./diagnostics.ts";
import { shapeOf, textOf, type NetxLayer } from "./read-file.ts";
import { plural } from "#util/units";

interface WholeSpec {
  /** What the numbers are, for messages: "the stride". */
  readonly what: string;
  /** Lengths that will do. */
  readonly lengths: readonly number[];
  readonly min: number;
  readonly max: number;
}

/** The fields of one layer, checked as they are asked for. Everything wrong goes to the sink. */
export class Fields {
  readonly layer: NetxLayer;
  readonly sink: DiagnosticSink;

  constructor(layer: NetxLayer, sink: DiagnosticSink) {
    this.layer = layer;
    this.sink = sink;
  }

  path(name: string): string {
    return `${this.layer.path}/${name}`;
  }

  has(name: string): boolean {
    return this.layer.fields.has(name) || this.layer.unreadable.has(name);
  }

  hasNeuron(): boolean {
    return [...this.layer.fields.keys(), ...this.layer.unreadable].some((name) => name.startsWith("neuron/"));
  }

  text(name: string): string | undefined {
    return textOf(this.layer.fields.get(name));
  }

  /** Numbers of a field that must be there; undefined if it is not, or holds text. */
  array(name: string): Hdf5Array | undefined {
    const field = this.layer.fields.get(name);
    if (field === undefined) {
      if (!this.layer.unreadable.has(name))
        this.sink.report(messages.fieldMissing({ path: this.layer.path, field: name }));
    } else if ("strings" in field)
      this.sink.report(messages.fieldShape({ path: this.path(name), needed: "numbers", shape: "text" }));
    else return field;
    return undefined;
  }

  /** Whole numbers of a field that must be there. */
  wholes(name: string, { what, lengths, min, max }: WholeSpec): Float64Array | undefined {
    const field = this.array(name);
    if (field === undefined) return undefined;
    const path = this.path(name);
    const { data } = field;
    if (!lengths.includes(data.length)) {
      const needed = [...new Set(lengths)].map((length) => plural(length, "number"));
      const shape = shapeOf(field);
      this.sink.report(messages.fieldShape({ path, needed: needed.join(" or "), shape }));
      return undefined;
    }
    const element = data.findIndex((value) => !(Number.isInteger(value) && value >= min && value <= max));
    if (element >= 0) {
      this.sink.report(messages.valueOutOfRange({ path, what, element, value: data[element], min, max }));
      return undefined;
    }
    return Float64Array.from(data, (value) => value + 0);
  }

  /** The same, or `fallback` where the field is not there. */
  wholesOr(name: string, fallback: number, spec: WholeSpec): Float64Array | undefined {
    return this.has(name) ? this.wholes(name, spec) : Float64Array.of(fallback);
  }

  /** One whole number of at least 1. */
  count(name: string, what: string): number | undefined {
    return this.wholes(name, { what, lengths: [1], min: 1, max: Infinity })?.[0];
  }

  /** `[height, width]`; one number stands for both, and none for `fallback`. */
  pair(name: string, what: string, fallback: number, min: number): readonly [number, number] | undefined {
    const values = this.wholesOr(name, fallback, { what, lengths: [1, 2], min, max: MAX_EXTENT });
    return values && [values[0], values[values.length - 1]];
  }

  /** Weights of a field that must be there: mantissas, as stored. */
  weights(name: string): Hdf5Array | undefined {
    const field = this.array(name);
    if (field === undefined) return undefined;
    const element = field.data.findIndex((value) => !Number.isInteger(value));
    if (element < 0) return field;
    const facts = { path: this.path(name), element, value: field.data[element] };
    this.sink.report(messages.weightNotWhole(facts));
    return undefined;
  }

  /** Shape of the layer: extents of at least 1, not more elements than a model can have. */
  shape(): readonly number[] | undefined {
    const extents = this.wholes("shape", {
      what: "the shape",
      lengths: [1, 2, 3],
      min: 1,
      max: MAX_ELEMENTS,
    });
    if (extents === undefined) return undefined;
    const elements = extents.reduce((product, extent) => product * extent, 1);
    if (elements <= MAX_ELEMENTS) return Array.from(extents);
    this.mismatch("the shape", `at most ${MAX_ELEMENTS} elements`, String(elements));
    return undefined;
  }

  mismatch(what: string, needed: string, found: string): void {
    this.sink.report(messages.shapeMismatch({ path: this.layer.path, what, needed, found }));
  }
}

/** Of one layer; more than any chip of this kind holds. */
export const MAX_ELEMENTS: number = 2 ** 24;
const MAX_EXTENT = 2 ** 16;
