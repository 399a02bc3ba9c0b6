// Models that were trained on images as they are: exact with real values, near with the rate code.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import type { SpikeData } from "#ir/spikes";
import { rateEncodeAll } from "#train/encode";
import { trainedModelToNetwork } from "#train/export/trained-network";
import type { LayerGraph } from "#train/graph";
import { NEURONS } from "#train/neurons";
import { createRandom } from "#train/random";
import {
  arbitraryModel,
  assertClose,
  assertSameAsTraining,
  batchNorm,
  chain,
  conv,
  linear,
  neuron,
  outputOf,
  pool,
  randomData,
} from "./compare.ts";

const lif = NEURONS["lif-sj"];
const LIVELY = { staticInput: true, weightGain: 8 };
const MEAN = 0.13;
const DEVIATION = 0.31;
const RATE = { coding: "rate-encode", mean: MEAN, deviation: DEVIATION } as const;

/** Every way in which a normalised image can reach weights. */
const GRAPHS: Readonly<Record<string, LayerGraph>> = {
  linear: chain([16], [linear("l", 40), neuron("n", lif)]),
  "a padded convolution and normalisation": chain(
    [2, 5, 5],
    [conv("c", 3), batchNorm("b"), neuron("n", lif)],
  ),
  "an unpadded convolution": chain([2, 5, 5], [conv("c", 3, { padding: [0, 0] }), neuron("n", lif)]),
  "flatten and linear": chain([2, 3, 3], [{ name: "f", op: "flatten" }, linear("l", 40), neuron("n", lif)]),
  "pooling and a grouped convolution": chain(
    [2, 6, 6],
    [pool("p", "average"), conv("c", 4, { padding: [0, 0], groups: 2 }), neuron("n", lif)],
  ),
  neurons: chain([2, 3, 3], [neuron("n", NEURONS["lif-wu"])]),
};

describe("an analog input", () => {
  test.each(Object.entries(GRAPHS))("gives the spikes of the training: %s", (_, graph) => {
    const model = arbitraryModel(graph, LIVELY);
    const { notes } = assertSameAsTraining(model, randomData(graph.inputShape, "static-values"));
    assert.equal(notes[0].code, "train/export-analog-input");
  });
});

describe("a rate-encoded input", () => {
  const pixelsOf = (size: number): Uint8Array => {
    const random = createRandom(11);
    return Uint8Array.from({ length: size }, () => Math.floor(256 * random.next()));
  };

  /** The input in real numbers: pixels as they are, or normalised as in training. */
  const constant = (
    pixels: Uint8Array,
    shape: readonly number[],
    make: (x: number) => number,
    steps = 12,
  ): SpikeData => {
    const [step, index, value]: number[][] = [[], [], []];
    for (let t = 0; t < steps; t++)
      pixels.forEach((pixel, i) => {
        step.push(t);
        index.push(i);
        value.push(make(pixel / 255));
      });
    const events = { step: Uint32Array.from(step), index: Uint32Array.from(index) };
    return { steps, shape, samples: [{ ...events, value: Float64Array.from(value) }] };
  };

  test.each(Object.entries(GRAPHS))("holds the normalisation in its weights: %s", (_, graph) => {
    const { model } = arbitraryModel(graph, { staticInput: true, weightGain: 3 });
    const analog = trainedModelToNetwork(model, { name: "m" }).network;
    const coded = trainedModelToNetwork(model, { name: "m", input: RATE }).network;
    const pixels = pixelsOf(graph.inputShape.reduce((a, b) => a * b, 1));
    const expected = outputOf(
      analog,
      constant(pixels, graph.inputShape, (x) => (x - MEAN) / DEVIATION),
    );
    const actual = outputOf(
      coded,
      constant(pixels, graph.inputShape, (x) => x),
    );
    assertClose(actual, expected);
    assert.ok(expected.includes(1) && expected.includes(0));
  });

  test("adds a population only where padding needs one", () => {
    const relays = Object.entries(GRAPHS).map(([title, graph]) => {
      const { network } = trainedModelToNetwork(arbitraryModel(graph, LIVELY).model, {
        name: "m",
        input: RATE,
      });
      return [title, network.populations.some(({ name }) => name.endsWith(".in"))];
    });
    assert.deepEqual(
      relays.filter(([, added]) => added).map(([title]) => title),
      ["a padded convolution and normalisation", "neurons"],
    );
  });

  test("says that it is an approximation, which gets better with more steps", () => {
    const graph = chain([40], [linear("l", 10), neuron("n", NEURONS["if-sj"])]);
    const { model } = arbitraryModel(graph, { staticInput: true, weightGain: 0.5 });
    const { network, notes } = trainedModelToNetwork(model, { name: "m", input: RATE });
    assert.deepEqual(
      notes.map(({ code, severity }) => [code, severity]),
      [["train/export-rate-encoded", "note"]],
    );
    const pixels = pixelsOf(40);
    const analog = trainedModelToNetwork(model, { name: "m" }).network;
    const current = constant(pixels, [40], (x) => (x - MEAN) / DEVIATION, 400);
    const ratesOf = (spikes: Float64Array): Float64Array => {
      const rates = new Float64Array(10);
      spikes.forEach((s, i) => (rates[i % 10] += s / (spikes.length / 10)));
      return rates;
    };
    const wanted = ratesOf(outputOf(analog, current));
    const errorOf = (steps: number): number => {
      const rates = ratesOf(outputOf(network, rateEncodeAll(pixels, [40], steps)));
      return rates.reduce((sum, rate, i) => sum + Math.abs(rate - wanted[i]), 0) / 10;
    };
    assert.ok(wanted.some((rate) => rate > 0.2 && rate < 1));
    assert.ok(errorOf(400) < 0.5 * errorOf(8) && errorOf(400) < 0.06, `${errorOf(8)}, ${errorOf(400)}`);
  });
});
