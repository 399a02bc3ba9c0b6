// Convolution of the reference backend: one walk over all products, three uses of it.
import type { ConvGeometry, Floats } from "./backend.ts";

export function referenceConv2d(x: Floats, weight: Floats, y: Floats, geometry: ConvGeometry): void {
  const sums = new Float64Array(outputLength(geometry));
  forEachProduct(geometry, (xi, wi, yi) => {
    sums[yi] += x[xi] * weight[wi];
  });
  y.set(sums);
}

export function referenceConv2dInputGradient(
  dy: Floats,
  weight: Floats,
  dx: Floats,
  geometry: ConvGeometry,
): void {
  const sums = new Float64Array(geometry.images * geometry.inChannels * geometry.inHeight * geometry.inWidth);
  forEachProduct(geometry, (xi, wi, yi) => {
    sums[xi] += dy[yi] * weight[wi];
  });
  dx.set(sums);
}

export function referenceConv2dWeightGradient(
  x: Floats,
  dy: Floats,
  dWeight: Floats,
  geometry: ConvGeometry,
): void {
  const { outChannels, inChannels, groups, kernelHeight, kernelWidth } = geometry;
  const sums = new Float64Array(outChannels * (inChannels / groups) * kernelHeight * kernelWidth);
  forEachProduct(geometry, (xi, wi, yi) => {
    sums[wi] += x[xi] * dy[yi];
  });
  dWeight.set(sums);
}

function outputLength({ images, outChannels, outHeight, outWidth }: ConvGeometry): number {
  return images * outChannels * outHeight * outWidth;
}

/** Calls `visit` with the indices of x, weight and y of every product the convolution is made of. */
function forEachProduct(g: ConvGeometry, visit: (xi: number, wi: number, yi: number) => void): void {
  const inPerGroup = g.inChannels / g.groups;
  const outPerGroup = g.outChannels / g.groups;
  let yi = 0;
  for (let image = 0; image < g.images; image++) {
    for (let out = 0; out < g.outChannels; out++) {
      const firstIn = Math.floor(out / outPerGroup) * inPerGroup;
      for (let row = 0; row < g.outHeight; row++) {
        for (let column = 0; column < g.outWidth; column++, yi++) {
          for (let channel = 0; channel < inPerGroup; channel++) {
            const plane = image * g.inChannels + firstIn + channel;
            for (let kr = 0; kr < g.kernelHeight; kr++) {
              const inRow = row * g.strideHeight + kr - g.paddingHeight;
              if (inRow < 0 || inRow >= g.inHeight) continue;
              for (let kc = 0; kc < g.kernelWidth; kc++) {
                const inColumn = column * g.strideWidth + kc - g.paddingWidth;
                if (inColumn < 0 || inColumn >= g.inWidth) continue;
                visit(
                  (plane * g.inHeight + inRow) * g.inWidth + inColumn,
                  ((out * inPerGroup + channel) * g.kernelHeight + kr) * g.kernelWidth + kc,
                  yi,
                );
              }
            }
          }
        }
      }
    }
  }
}
