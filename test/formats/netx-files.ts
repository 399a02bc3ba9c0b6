import { writeHdf5 } from "#formats/hdf5/writer";
import { readNetwork } from "#formats/index";
import type { ImportOptions } from "#formats/format";
import type { Network } from "#ir/network";
import { DiagnosticSink, type Diagnostic } from "#util/diagnostic";

/** A number, a list, numbers with a shape, or a word. */
export type Field =
  | number
  | readonly number[]
  | string
  | { readonly data: readonly number[]; readonly shape: readonly number[] };

/** Fields of one layer by name; `neuron` holds those of its neurons. */
export type LayerFields = Readonly<Record<string, Field | Readonly<Record<string, Field>> | undefined>>;

/** A netx file as lava-dl would write it. */
export function netxFile(layers: readonly LayerFields[]): Promise<Uint8Array> {
  return writeHdf5((writer) => {
    const write = (path: string, field: Field): void => {
      if (typeof field === "string") writer.text(path, [field], [1]);
      else if (typeof field === "number")
        writer.numbers(path, { data: [field], shape: [], dtype: "float64" });
      else if ("shape" in field) writer.numbers(path, { ...field, dtype: "float64" });
      else writer.numbers(path, { data: field, shape: [field.length], dtype: "float64" });
    };
    writer.group("/layer");
    layers.forEach((layer, k) => {
      writer.group(`/layer/${k}`);
      for (const [name, field] of Object.entries(layer)) {
        if (field === undefined) continue;
        if (name !== "neuron") write(`/layer/${k}/${name}`, field as Field);
        else {
          writer.group(`/layer/${k}/neuron`);
          for (const [key, value] of Object.entries(field))
            write(`/layer/${k}/neuron/${key}`, value as Field);
        }
      }
    });
  });
}

export const cuba = { type: "CUBA", iDecay: 4096, vDecay: 1024, vThMant: 10, refDelay: 1, gradedSpike: 0 };

/** Dense weights by target, a row each. */
export function dense(rows: readonly (readonly number[])[], more: LayerFields = {}): LayerFields {
  return {
    type: "dense",
    shape: [rows.length],
    inFeatures: rows[0].length,
    outFeatures: rows.length,
    weight: { data: rows.flat(), shape: [rows.length, rows[0].length] },
    neuron: cuba,
    ...more,
  };
}

export function input(shape: readonly number[], more: LayerFields = {}): LayerFields {
  return { type: "input", shape, ...more };
}

/** A convolution of one kernel value everywhere, unless `weight` says otherwise. */
export function conv(
  [out, inPerGroup, height, width]: readonly [number, number, number, number],
  more: LayerFields = {},
): LayerFields {
  const taps = out * inPerGroup * height * width;
  return {
    type: "conv",
    inChannels: inPerGroup,
    outChannels: out,
    groups: 1,
    kernelSize: [height, width],
    stride: [1, 1],
    padding: [0, 0],
    dilation: [1, 1],
    weight: {
      data: Array.from({ length: taps }, (_, i) => 2 * (i + 1)),
      shape: [out, inPerGroup, height, width],
    },
    neuron: cuba,
    ...more,
  };
}

export async function read(
  layers: readonly LayerFields[],
  options: ImportOptions = {},
): Promise<{ network: Network | undefined; diagnostics: readonly Diagnostic[]; codes: string[] }> {
  const sink = new DiagnosticSink();
  const network = await readNetwork(await netxFile(layers), options, sink);
  return { network, diagnostics: sink.diagnostics, codes: sink.diagnostics.map(({ code }) => code) };
}

/** What `dense([[2, -4, 6]])` alone becomes. */
export function tinyNetx(name: string): Network {
  const params = { uDecay: [4095], vDecay: [1024], thresholdMantissa: [10] };
  return {
    name,
    populations: [
      { name: "input", model: "input", shape: [3], size: 3, params: {} },
      {
        name: "dense0",
        model: "loihi-cuba",
        shape: [1],
        size: 1,
        params: Object.fromEntries(
          Object.entries(params).map(([param, values]) => [param, Float64Array.from(values)]),
        ),
      },
    ],
    projections: [
      {
        name: "dense0",
        pre: 0,
        post: 1,
        connectivity: { kind: "dense", rows: 3, cols: 1, values: Float32Array.of(64, -128, 192) },
        weightScale: 1 / 32,
        delaySteps: 1,
        layer: { node: "dense0", kind: "linear" },
        quantization: { weightBits: 3, signMode: "mixed", weightExponent: -5 },
      },
    ],
    inputs: [{ name: "input", population: 0 }],
    outputs: [{ name: "output", population: 1 }],
  };
}
