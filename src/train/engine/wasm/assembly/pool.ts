// Pooling without padding. Planes [begin, end); geometry in entries.

/** @param isMax 1: the largest of a window, 0: their mean */
export function poolForward(
  begin: i32,
  end: i32,
  isMax: bool,
  x: usize,
  y: usize,
  inHeight: i32,
  inWidth: i32,
  outHeight: i32,
  outWidth: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
): void {
  const halves = kernelHeight == 2 && kernelWidth == 2 && strideWidth == 2;
  const rowBytes = <usize>inWidth << 2;
  const size = <f32>(kernelHeight * kernelWidth);
  const quarter = f32x4.splat(0.25);
  for (let plane = begin; plane < end; plane++) {
    const source = x + <usize>plane * <usize>inHeight * rowBytes;
    let to = y + ((<usize>plane * <usize>(outHeight * outWidth)) << 2);
    for (let row = 0; row < outHeight; row++) {
      let from = source + <usize>(row * strideHeight) * rowBytes;
      let column = 0;
      if (halves) {
        for (; column + 4 <= outWidth; column += 4, from += 32, to += 16) {
          const top0 = v128.load(from);
          const top1 = v128.load(from, 16);
          const low0 = v128.load(from + rowBytes);
          const low1 = v128.load(from + rowBytes, 16);
          if (isMax) {
            const even = v128.shuffle<i32>(top0, top1, 0, 2, 4, 6);
            const odd = v128.shuffle<i32>(top0, top1, 1, 3, 5, 7);
            const evenLow = v128.shuffle<i32>(low0, low1, 0, 2, 4, 6);
            const oddLow = v128.shuffle<i32>(low0, low1, 1, 3, 5, 7);
            v128.store(to, larger(larger(larger(even, odd), evenLow), oddLow));
          } else {
            const sum0 = f32x4.add(top0, low0);
            const sum1 = f32x4.add(top1, low1);
            const even = v128.shuffle<i32>(sum0, sum1, 0, 2, 4, 6);
            const odd = v128.shuffle<i32>(sum0, sum1, 1, 3, 5, 7);
            v128.store(to, f32x4.mul(f32x4.add(even, odd), quarter));
          }
        }
      }
      for (; column < outWidth; column++, from += <usize>strideWidth << 2, to += 4) {
        if (isMax) {
          store<f32>(to, load<f32>(firstLargest(from, rowBytes, kernelHeight, kernelWidth)));
          continue;
        }
        let sum: f32 = 0;
        if (halves) {
          const left = load<f32>(from) + load<f32>(from + rowBytes);
          sum = left + (load<f32>(from, 4) + load<f32>(from + rowBytes, 4));
        } else {
          for (let i = 0; i < kernelHeight; i++)
            for (let j = 0; j < kernelWidth; j++)
              sum += load<f32>(from + <usize>i * rowBytes + (<usize>j << 2));
        }
        store<f32>(to, sum / size);
      }
    }
  }
}

/** Entry by entry b if it is larger than a, else a. */
@inline
function larger(a: v128, b: v128): v128 {
  return v128.bitselect(b, a, f32x4.gt(b, a));
}

/** Address of the first largest entry of a window, in row order. */
@inline
function firstLargest(from: usize, rowBytes: usize, height: i32, width: i32): usize {
  let best = from;
  let bestValue = load<f32>(from);
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const at = from + <usize>i * rowBytes + (<usize>j << 2);
      const value = load<f32>(at);
      if (value > bestValue) {
        best = at;
        bestValue = value;
      }
    }
  }
  return best;
}

/** dx of a pooling: the mean gives every entry its share, the maximum all to the first largest. */
export function poolBackward(
  begin: i32,
  end: i32,
  isMax: bool,
  x: usize,
  dy: usize,
  dx: usize,
  inHeight: i32,
  inWidth: i32,
  outHeight: i32,
  outWidth: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
): void {
  const quarters =
    !isMax && kernelHeight == 2 && kernelWidth == 2 && strideHeight == 2 && strideWidth == 2;
  const covered = quarters && inHeight == 2 * outHeight && inWidth == 2 * outWidth;
  const rowBytes = <usize>inWidth << 2;
  const planeBytes = <usize>inHeight * rowBytes;
  const size = <f32>(kernelHeight * kernelWidth);
  const quarter = f32x4.splat(0.25);
  for (let plane = begin; plane < end; plane++) {
    const source = <usize>plane * planeBytes;
    let gradient = dy + ((<usize>plane * <usize>(outHeight * outWidth)) << 2);
    if (!covered) memory.fill(dx + source, 0, planeBytes);
    for (let row = 0; row < outHeight; row++) {
      let at = source + <usize>(row * strideHeight) * rowBytes;
      let column = 0;
      if (quarters) {
        for (; column + 4 <= outWidth; column += 4, at += 32, gradient += 16) {
          const share = f32x4.mul(v128.load(gradient), quarter);
          const left = v128.shuffle<i32>(share, share, 0, 0, 1, 1);
          const right = v128.shuffle<i32>(share, share, 2, 2, 3, 3);
          v128.store(dx + at, left);
          v128.store(dx + at, right, 16);
          v128.store(dx + at + rowBytes, left);
          v128.store(dx + at + rowBytes, right, 16);
        }
        for (; column < outWidth; column++, at += 8, gradient += 4) {
          const share = load<f32>(gradient) * <f32>0.25;
          store<f32>(dx + at, share);
          store<f32>(dx + at, share, 4);
          store<f32>(dx + at + rowBytes, share);
          store<f32>(dx + at + rowBytes, share, 4);
        }
        continue;
      }
      for (; column < outWidth; column++, at += <usize>strideWidth << 2, gradient += 4) {
        const g = load<f32>(gradient);
        if (isMax) {
          const to = firstLargest(x + at, rowBytes, kernelHeight, kernelWidth) - x + dx;
          store<f32>(to, load<f32>(to) + g);
          continue;
        }
        const share = g / size;
        for (let i = 0; i < kernelHeight; i++) {
          for (let j = 0; j < kernelWidth; j++) {
            const to = dx + at + <usize>i * rowBytes + (<usize>j << 2);
            store<f32>(to, load<f32>(to) + share);
          }
        }
      }
    }
  }
}
