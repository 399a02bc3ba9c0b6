import type { EventData, EventStream } from "../dataset.ts";

/**
 * The part of every sample that lies in a window, as a data set of that size: N-MNIST's 34 x 34 pixels to 32 x 32, say.
 *
 * @param data of shape `[channels, height, width]`
 */
export function cropEvents(
  data: EventData,
  window: { readonly top: number; readonly left: number; readonly height: number; readonly width: number },
): EventData {
  const { top, left, height, width } = window;
  return mapPlaces(data, height, width, (y, x) => {
    const [row, column] = [y - top, x - left];
    return row >= 0 && column >= 0 && row < height && column < width ? row * width + column : undefined;
  });
}

/**
 * Every sample on a coarser (or finer) grid: the pixel (y, x) becomes (floor(y · height / old height), …). No event is
 * lost; pixels that fall together add up.
 *
 * @param data of shape `[channels, height, width]`
 */
export function rescaleEvents(data: EventData, height: number, width: number): EventData {
  const [, oldHeight, oldWidth] = data.shape;
  return mapPlaces(
    data,
    height,
    width,
    (y, x) => Math.floor((y * height) / oldHeight) * width + Math.floor((x * width) / oldWidth),
  );
}

function mapPlaces(
  data: EventData,
  height: number,
  width: number,
  placeOf: (y: number, x: number) => number | undefined,
): EventData {
  const [channels, oldHeight, oldWidth] = data.shape;
  const oldPlane = oldHeight * oldWidth;
  const places = Array.from({ length: oldPlane }, (_, i) => placeOf(Math.floor(i / oldWidth), i % oldWidth));
  const samples = data.samples.map(({ timeUs, index }): EventStream => {
    const kept = Uint32Array.from(index.keys()).filter((k) => places[index[k] % oldPlane] !== undefined);
    return {
      timeUs: Float64Array.from(kept, (k) => timeUs[k]),
      index: Uint32Array.from(kept, (k) => {
        const channel = Math.floor(index[k] / oldPlane);
        return channel * height * width + places[index[k] % oldPlane]!;
      }),
    };
  });
  return { ...data, shape: [channels, height, width], samples };
}
