import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import type { SpikeData, SpikeEvents } from "#ir/spikes";
import { RASTER_BANDS, RASTER_POINTS, RASTER_STEPS, rasterOf, type Raster } from "#report/raster";
import { rasterChart } from "#report/svg-raster";
import { createRng } from "#util/rng";

function recording(size: number, steps: number, share: number, seed = 1): SpikeData {
  const rng = createRng(seed);
  const sample = (): SpikeEvents => {
    const [step, index]: [number[], number[]] = [[], []];
    for (let t = 0; t < steps; t++)
      for (let i = 0; i < size; i++)
        if (rng() < share) {
          step.push(t);
          index.push(i);
        }
    return { step: Uint32Array.from(step), index: Uint32Array.from(index) };
  };
  return { steps, shape: [size], samples: [sample(), sample()] };
}

const dashes = (svg: string): string[] => [...svg.matchAll(/M[\d.]+ [\d.]+h[\d.]+/g)].map(([dash]) => dash);

describe("the spikes drawn", () => {
  test("they are all of the first sample as long as there is room", () => {
    const data = recording(20, 30, 0.3);
    const raster = rasterOf({ a: data })!;
    assert.deepEqual([raster.steps, raster.ofSteps, raster.leftOut], [30, 30, 0]);
    const [{ name, size, spikes, stride, step, index }] = raster.bands;
    const [first] = data.samples;
    assert.deepEqual([name, size, spikes, stride], ["a", 20, first.step.length, 1]);
    assert.deepEqual([step, index], [[...first.step], [...first.index]]);
    assert.equal(dashes(rasterChart("spikes", raster)).length, spikes);
  });

  test("they are those of as many neurons as there is room for, and the picture says which", () => {
    let thinned = 0;
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 1, max: 1300 }),
        fc.integer({ min: 0, max: 20 }),
        (size, steps, percent) => {
          const data = recording(size, steps, percent / 100);
          const raster = rasterOf({ a: data })!;
          const [band] = raster.bands;
          const [{ step, index }] = data.samples;
          const shown = Array.from(step, (t, e) => [t, index[e]]).filter(([t]) => t < RASTER_STEPS);
          assert.equal(raster.steps, Math.min(steps, RASTER_STEPS));
          assert.equal(band.spikes, shown.length);
          const withStride = (stride: number): number[][] => shown.filter(([, i]) => i % stride === 0);
          assert.deepEqual(
            band.step.map((t, e) => [t, band.index[e]]),
            withStride(band.stride),
          );
          assert.ok(band.step.length <= RASTER_POINTS, `${band.step.length} points`);
          if (band.stride > 1) {
            thinned++;
            assert.ok(withStride(band.stride - 1).length > RASTER_POINTS, "more neurons would not fit");
            assert.match(rasterChart("spikes", raster), /every [\d,]+(st|nd|rd|th) neuron is drawn/);
          }
        },
      ),
      { numRuns: 40 },
    );
    assert.ok(thinned > 5, `${thinned} were thinned out`);
  });

  test("they are those of the first populations that fire", () => {
    const values = {
      ...recording(3, 4, 1),
      samples: [{ ...recording(3, 4, 1).samples[0], value: new Float64Array(12).fill(2.5) }],
    };
    const populations = Array.from({ length: RASTER_BANDS + 3 }, (_, p) => [
      `p${p}`,
      recording(2, 4, 0.5, p),
    ]);
    const raster = rasterOf({ values, ...(Object.fromEntries(populations) as Record<string, SpikeData>) })!;
    assert.deepEqual(
      raster.bands.map(({ name }) => name),
      populations.slice(0, RASTER_BANDS).map(([name]) => name),
    );
    assert.equal(raster.leftOut, 3);
    assert.equal(rasterOf({ values }), undefined);
    assert.equal(rasterOf({}), undefined);
    assert.equal(rasterOf({ a: { steps: 4, shape: [2], samples: [] } }), undefined);
  });
});

describe("the picture", () => {
  const band = { name: "a", size: 2, spikes: 2, stride: 1, step: [0, 9], index: [1, 0] };
  const raster: Raster = { steps: 10, ofSteps: 10, bands: [band], leftOut: 0 };

  test("it puts a dash at the middle of step and neuron, inside the band", () => {
    const svg = rasterChart("spikes", raster);
    // 72 pixels for a step, 16 for two neurons below the line of 22.
    assert.deepEqual(dashes(svg), ["M33.5 34h5", "M681.5 26h5"]);
    assert.match(svg, /<rect class="off" x="0" y="22" width="720" height="16"\/>/);
    assert.match(svg, />a<tspan class="dim" dx="8">2 spikes of 2 neurons<\/tspan>/);
    assert.match(svg, /step 9</);
  });

  test("it gives the neurons that are drawn the room of those that are not", () => {
    // Neurons 0, 4 and 8 of ten: a third of 16 pixels each.
    const thinned = { ...band, size: 10, stride: 4, step: [0, 0, 0], index: [0, 4, 8] };
    const svg = rasterChart("spikes", { ...raster, bands: [thinned] });
    assert.deepEqual(dashes(svg), ["M33.5 24.7h5", "M33.5 30h5", "M33.5 35.3h5"]);
    assert.match(svg, /stroke-width="3.7"/);
  });

  test("it draws silent populations too, counts in words, and takes any name", () => {
    const silent = { ...band, name: `<b>&"`, size: 1, spikes: 0, step: [], index: [] };
    const svg = rasterChart("spikes", { ...raster, bands: [silent, { ...band, spikes: 1 }] });
    assert.match(svg, /&#60;b&#62;&#38;&#34;<tspan class="dim" dx="8">0 spikes of 1 neuron</);
    assert.match(svg, /1 spike of 2 neurons/);
    assert.equal(svg.match(/<path/g)?.length, 1);
  });

  test("it names every kind of number", () => {
    const says = (stride: number): string =>
      /every (\S+) neuron/.exec(rasterChart("spikes", { ...raster, bands: [{ ...band, stride }] }))![1];
    assert.deepEqual([2, 3, 4, 11, 12, 13, 21, 22, 101, 111].map(says), [
      "2nd",
      "3rd",
      "4th",
      "11th",
      "12th",
      "13th",
      "21st",
      "22nd",
      "101st",
      "111th",
    ]);
  });
});
