// Pooling of the reference backend.
import type { Floats, PoolGeometry, PoolKind } from "./backend.ts";

export function referencePool(kind: PoolKind, x: Floats, y: Floats, geometry: PoolGeometry): void {
  const size = geometry.kernelHeight * geometry.kernelWidth;
  forEachWindow(geometry, (window, yi) => {
    if (kind === "max") {
      y[yi] = x[firstLargest(x, window)];
    } else {
      let sum = 0;
      for (const xi of window) sum += x[xi];
      y[yi] = sum / size;
    }
  });
}

export function referencePoolGradient(
  kind: PoolKind,
  x: Floats,
  _y: Floats,
  dy: Floats,
  dx: Floats,
  geometry: PoolGeometry,
): void {
  const size = geometry.kernelHeight * geometry.kernelWidth;
  const sums = new Float64Array(geometry.planes * geometry.inHeight * geometry.inWidth);
  forEachWindow(geometry, (window, yi) => {
    if (kind === "max") sums[firstLargest(x, window)] += dy[yi];
    else for (const xi of window) sums[xi] += dy[yi] / size;
  });
  dx.set(sums);
}

function firstLargest(x: Floats, window: Int32Array): number {
  let best = window[0];
  for (const xi of window) if (x[xi] > x[best]) best = xi;
  return best;
}

/** Calls `visit` with the indices into x of every window, in row order, and the index into y. `window` is reused. */
function forEachWindow(g: PoolGeometry, visit: (window: Int32Array, yi: number) => void): void {
  const window = new Int32Array(g.kernelHeight * g.kernelWidth);
  let yi = 0;
  for (let plane = 0; plane < g.planes; plane++) {
    for (let row = 0; row < g.outHeight; row++) {
      for (let column = 0; column < g.outWidth; column++, yi++) {
        for (let i = 0; i < window.length; i++) {
          const inRow = row * g.strideHeight + Math.floor(i / g.kernelWidth);
          const inColumn = column * g.strideWidth + (i % g.kernelWidth);
          window[i] = (plane * g.inHeight + inRow) * g.inWidth + inColumn;
        }
        visit(window, yi);
      }
    }
  }
}
