// Convolution as matrix products. What a panel of columns needs of the image is copied straight into the panel
// (there is no whole im2col matrix). Images are first put into a frame of zeros where there is padding; from there on
// every entry of the kernel window is a fixed distance away (`kOffsets`), every output position another (`pOffsets`).
import { packPanel } from "./gemm";
import { ownScratch } from "./scratch";
import { TILE_COLUMNS, TILE_ROWS, multiplyEdge, multiplyTile, storeTransposed } from "./tile";

/** Geometry of one group, as the caller lays it out: 20 integers. */
@unmanaged
export class Geometry {
  groups: i32;
  /** Per group, as outChannels. */
  inChannels: i32;
  outChannels: i32;
  inHeight: i32;
  inWidth: i32;
  paddingHeight: i32;
  paddingWidth: i32;
  /** With padding. */
  frameHeight: i32;
  frameWidth: i32;
  outHeight: i32;
  outWidth: i32;
  kernelHeight: i32;
  kernelWidth: i32;
  strideHeight: i32;
  strideWidth: i32;
  /** outHeight · outWidth. */
  positions: i32;
  /** inChannels · kernelHeight · kernelWidth: length of the sums. */
  taps: i32;
  /** `i32[taps]`: bytes from the corner of a window to the tap. */
  kOffsets: usize;
  /** `i32[positions]`: bytes from the start of a frame to the corner of the window. */
  pOffsets: usize;
  isPadded: i32;

  /** Bytes of the frame of one image and group. */
  @inline get frameBytes(): usize {
    return (<usize>this.inChannels * <usize>this.frameHeight * <usize>this.frameWidth) << 2;
  }

  /** Bytes of one image, all groups. */
  @inline get imageBytes(): usize {
    return (<usize>this.groups * <usize>this.inChannels * <usize>this.inHeight * <usize>this.inWidth) << 2;
  }

  /** Bytes of the input channels of one group. */
  @inline get groupBytes(): usize {
    return (<usize>this.inChannels * <usize>this.inHeight * <usize>this.inWidth) << 2;
  }

  /** Bytes of one output plane. */
  @inline get planeBytes(): usize {
    return <usize>this.positions << 2;
  }
}

/** Copies the channels of one image and group into a frame of zeros. */
function fillFrame(g: Geometry, image: usize, frame: usize): void {
  memory.fill(frame, 0, g.frameBytes);
  const rowBytes = <usize>g.inWidth << 2;
  const frameRow = <usize>g.frameWidth << 2;
  let to = frame + <usize>g.paddingHeight * frameRow + (<usize>g.paddingWidth << 2);
  for (let c = 0; c < g.inChannels; c++) {
    for (let r = 0; r < g.inHeight; r++) {
      memory.copy(to, image, rowBytes);
      image += rowBytes;
      to += frameRow;
    }
    to += <usize>(2 * g.paddingHeight) * frameRow;
  }
}

/** The inverse: what the frame holds within its margins. */
function emptyFrame(g: Geometry, frame: usize, image: usize): void {
  const rowBytes = <usize>g.inWidth << 2;
  const frameRow = <usize>g.frameWidth << 2;
  let from = frame + <usize>g.paddingHeight * frameRow + (<usize>g.paddingWidth << 2);
  for (let c = 0; c < g.inChannels; c++) {
    for (let r = 0; r < g.inHeight; r++) {
      memory.copy(image, from, rowBytes);
      image += rowBytes;
      from += frameRow;
    }
    from += <usize>(2 * g.paddingHeight) * frameRow;
  }
}

/**
 * y of the image batches [begin, end). Columns of the matrix product are output positions, of several images if one has few.
 *
 * @param packedWeight by group, then by slice of taps: panels `[outChannels / 4][slice][4]`
 * @param sliceTaps    taps in a slice
 * @param batchImages  images in a batch
 * @param blockColumns columns packed at a time; a multiple of 8
 * @param scratchBytes per thread: 192, then the frames, then a packed block
 */
export function convForward(
  begin: i32,
  end: i32,
  g: Geometry,
  x: usize,
  packedWeight: usize,
  y: usize,
  images: i32,
  sliceTaps: i32,
  batchImages: i32,
  blockColumns: i32,
  scratch: usize,
  scratchBytes: usize,
): void {
  const temporary = ownScratch(scratch, scratchBytes);
  const targets = temporary + 128;
  const frames = temporary + 192;
  const frameBytes = g.frameBytes;
  const packed = frames + (g.isPadded ? alignUp(<usize>batchImages * frameBytes) : 0);
  const planeBytes = g.planeBytes;
  const panelsDown = (g.outChannels + TILE_ROWS - 1) / TILE_ROWS;
  const imageStride = g.isPadded ? frameBytes : g.imageBytes;
  const outImageBytes = <usize>g.groups * <usize>g.outChannels * planeBytes;
  for (let batch = begin; batch < end; batch++) {
    const firstImage = batch * batchImages;
    const batchSize = min(batchImages, images - firstImage);
    const columns = batchSize * g.positions;
    let weights = packedWeight;
    for (let group = 0; group < g.groups; group++) {
      let source = x + <usize>firstImage * g.imageBytes + <usize>group * g.groupBytes;
      if (g.isPadded) {
        for (let i = 0; i < batchSize; i++)
          fillFrame(g, source + <usize>i * g.imageBytes, frames + <usize>i * frameBytes);
        source = frames;
      }
      const target = y + <usize>firstImage * outImageBytes + <usize>(group * g.outChannels) * planeBytes;
      for (let column = 0; column < columns; column += blockColumns) {
        const lastColumn = min(columns, column + blockColumns);
        let slicedWeights = weights;
        for (let tap = 0; tap < g.taps; tap += sliceTaps) {
          const taps = min(sliceTaps, g.taps - tap);
          const panelBytes = <usize>taps << 5;
          let panel = packed;
          for (let q = column; q < lastColumn; q += TILE_COLUMNS, panel += panelBytes)
            packColumns(g, source, imageStride, q, lastColumn - 1, tap, taps, panel);
          panel = packed;
          for (let q = column; q < lastColumn; q += TILE_COLUMNS, panel += panelBytes) {
            const count = min(TILE_COLUMNS, lastColumn - q);
            const image = q / g.positions;
            const position = q - image * g.positions;
            const whole = count == TILE_COLUMNS && position + TILE_COLUMNS <= g.positions;
            const to = target + <usize>image * outImageBytes + (<usize>position << 2);
            if (!whole) listTargets(g, target, outImageBytes, image, position, count, targets);
            for (let down = 0; down < panelsDown; down++) {
              const rows = min(TILE_ROWS, g.outChannels - down * TILE_ROWS);
              const a = slicedWeights + <usize>down * (<usize>taps << 4);
              const offset = <usize>(down * TILE_ROWS) * planeBytes;
              if (!whole)
                multiplyScattered(a, panel, taps, targets, offset, planeBytes, tap != 0, rows, count, temporary);
              else if (rows == TILE_ROWS) multiplyTile(a, panel, taps, to + offset, planeBytes, tap != 0);
              else
                multiplyEdge(a, panel, taps, to + offset, planeBytes, tap != 0, rows, TILE_COLUMNS, temporary);
            }
          }
          slicedWeights += <usize>panelsDown * (<usize>taps << 4);
        }
        if (column + blockColumns >= columns) weights = slicedWeights;
      }
    }
  }
}

@inline
function alignUp(bytes: usize): usize {
  return (bytes + 63) & ~63;
}

/** Where the first row of each column of a panel goes: `usize[8]`. */
function listTargets(
  g: Geometry,
  target: usize,
  outImageBytes: usize,
  image: i32,
  position: i32,
  count: i32,
  targets: usize,
): void {
  for (let j = 0; j < count; j++) {
    store<usize>(targets + (<usize>j << 2), target + <usize>image * outImageBytes + (<usize>position << 2));
    if (++position == g.positions) {
      position = 0;
      image++;
    }
  }
}

/** A tile whose columns lie in several places. */
function multiplyScattered(
  a: usize,
  b: usize,
  k: i32,
  targets: usize,
  offset: usize,
  rowBytes: usize,
  add: bool,
  rows: i32,
  columns: i32,
  temporary: usize,
): void {
  multiplyTile(a, b, k, temporary, 32, false);
  for (let j: usize = 0; j < <usize>columns; j++) {
    let to = load<usize>(targets + (j << 2)) + offset;
    let from = temporary + (j << 2);
    for (let r = 0; r < rows; r++) {
      const value = load<f32>(from);
      store<f32>(to, add ? load<f32>(to) + value : value);
      from += 32;
      to += rowBytes;
    }
  }
}

/** Panel `[taps][8]` of taps [tap, tap + taps) for the columns from `q` on (those after `lastColumn` repeat it). */
function packColumns(
  g: Geometry,
  source: usize,
  imageStride: usize,
  q: i32,
  lastColumn: i32,
  tap: i32,
  taps: i32,
  panel: usize,
): void {
  const s0 = columnSource(g, source, imageStride, q);
  const s1 = columnSource(g, source, imageStride, min(q + 1, lastColumn));
  const s2 = columnSource(g, source, imageStride, min(q + 2, lastColumn));
  const s3 = columnSource(g, source, imageStride, min(q + 3, lastColumn));
  const s4 = columnSource(g, source, imageStride, min(q + 4, lastColumn));
  const s5 = columnSource(g, source, imageStride, min(q + 5, lastColumn));
  const s6 = columnSource(g, source, imageStride, min(q + 6, lastColumn));
  const s7 = columnSource(g, source, imageStride, min(q + 7, lastColumn));
  let offsets = g.kOffsets + (<usize>tap << 2);
  const last = offsets + (<usize>taps << 2);
  const inRow = s1 - s0 == 4 && s2 - s0 == 8 && s3 - s0 == 12 && s5 - s4 == 4 && s6 - s4 == 8 && s7 - s4 == 12;
  if (inRow) {
    for (; offsets < last; offsets += 4, panel += 32) {
      const o = <usize>load<u32>(offsets);
      v128.store(panel, v128.load(s0 + o));
      v128.store(panel, v128.load(s4 + o), 16);
    }
  } else {
    for (; offsets < last; offsets += 4, panel += 32) {
      const o = <usize>load<u32>(offsets);
      store<f32>(panel, load<f32>(s0 + o));
      store<f32>(panel, load<f32>(s1 + o), 4);
      store<f32>(panel, load<f32>(s2 + o), 8);
      store<f32>(panel, load<f32>(s3 + o), 12);
      store<f32>(panel, load<f32>(s4 + o), 16);
      store<f32>(panel, load<f32>(s5 + o), 20);
      store<f32>(panel, load<f32>(s6 + o), 24);
      store<f32>(panel, load<f32>(s7 + o), 28);
    }
  }
}

/** Address of the window of column q, counted over images. */
@inline
function columnSource(g: Geometry, source: usize, imageStride: usize, q: i32): usize {
  const image = q / g.positions;
  const position = q - image * g.positions;
  return source + <usize>image * imageStride + <usize>load<u32>(g.pOffsets + (<usize>position << 2));
}

/**
 * dx of the image batches [begin, end): the gradient of every column of the im2col matrix, a block of input channels at a
 * time, added into place. Columns are output positions, of several images if they do not fill the tiles.
 *
 * @param packedWeight by group, then by block of `blockChannels` input channels: panels `[blockTaps / 4][outChannels][4]`
 * @param batchImages  images in a batch
 * @param scratchBytes per thread: the frames, then the packed dy of a batch and group, then the column gradients of a block
 */
export function convInputGradient(
  begin: i32,
  end: i32,
  g: Geometry,
  dy: usize,
  packedWeight: usize,
  dx: usize,
  images: i32,
  batchImages: i32,
  blockChannels: i32,
  scratch: usize,
  scratchBytes: usize,
): void {
  const frames = ownScratch(scratch, scratchBytes);
  const frameBytes = g.frameBytes;
  const packed = frames + (g.isPadded ? alignUp(<usize>batchImages * frameBytes) : 0);
  const k = g.outChannels;
  const panelBytes = <usize>k << 5;
  const mostPanels = (batchImages * g.positions + TILE_COLUMNS - 1) / TILE_COLUMNS;
  const columns = packed + <usize>mostPanels * panelBytes;
  const kernel = g.kernelHeight * g.kernelWidth;
  const outImageBytes = <usize>g.groups * <usize>k * g.planeBytes;
  const frameChannel = (<usize>g.frameHeight * <usize>g.frameWidth) << 2;
  const frameStride = g.isPadded ? frameBytes : g.imageBytes;
  for (let batch = begin; batch < end; batch++) {
    const firstImage = batch * batchImages;
    const batchSize = min(batchImages, images - firstImage);
    const panels = (batchSize * g.positions + TILE_COLUMNS - 1) / TILE_COLUMNS;
    const columnsRow = <usize>panels << 5;
    let weights = packedWeight;
    for (let group = 0; group < g.groups; group++) {
      const from = dy + <usize>firstImage * outImageBytes + <usize>(group * k) * g.planeBytes;
      packGradientColumns(g, from, outImageBytes, batchSize * g.positions, packed);
      const target = dx + <usize>firstImage * g.imageBytes + <usize>group * g.groupBytes;
      const first = g.isPadded ? frames : target;
      for (let i = 0; i < batchSize; i++) memory.fill(first + <usize>i * frameStride, 0, frameBytes);
      for (let channel = 0; channel < g.inChannels; channel += blockChannels) {
        const channels = min(blockChannels, g.inChannels - channel);
        const rowPanels = (channels * kernel + TILE_ROWS - 1) / TILE_ROWS;
        for (let panel = 0; panel < panels; panel++) {
          const b = packed + <usize>panel * panelBytes;
          for (let rowPanel = 0; rowPanel < rowPanels; rowPanel++) {
            const to = columns + <usize>(rowPanel * TILE_ROWS) * columnsRow + (<usize>panel << 5);
            multiplyTile(weights + <usize>rowPanel * (<usize>k << 4), b, k, to, columnsRow, false);
          }
        }
        weights += <usize>rowPanels * (<usize>k << 4);
        for (let i = 0; i < batchSize; i++) {
          const frame = first + <usize>i * frameStride + <usize>channel * frameChannel;
          addColumns(g, columns + <usize>i * g.planeBytes, columnsRow, channels, frame);
        }
      }
      if (g.isPadded)
        for (let i = 0; i < batchSize; i++)
          emptyFrame(g, frames + <usize>i * frameBytes, target + <usize>i * g.imageBytes);
    }
  }
}

/** Panels `[columns / 8][outChannels][8]` of dy; columns count positions over images. */
function packGradientColumns(g: Geometry, dy: usize, outImageBytes: usize, columns: i32, packed: usize): void {
  for (let q = 0; q < columns; q += TILE_COLUMNS) {
    const count = min(TILE_COLUMNS, columns - q);
    let image = q / g.positions;
    let position = q - image * g.positions;
    if (position + count <= g.positions) {
      const from = dy + <usize>image * outImageBytes + (<usize>position << 2);
      packPanel(8, from, 1, g.positions, count, g.outChannels, packed);
    } else {
      // What lies in columns that do not exist is computed with and never looked at.
      for (let j = 0; j < count; j++) {
        const from = dy + <usize>image * outImageBytes + (<usize>position << 2);
        for (let k: usize = 0; k < <usize>g.outChannels; k++)
          store<f32>(packed + (k << 5) + (<usize>j << 2), load<f32>(from + k * g.planeBytes));
        if (++position == g.positions) {
          position = 0;
          image++;
        }
      }
    }
    packed += <usize>g.outChannels << 5;
  }
}

/** Adds the gradients of columns `[channels · kernel][positions]` to the entries they were copies of. */
function addColumns(g: Geometry, columns: usize, columnsRow: usize, channels: i32, frame: usize): void {
  const frameRow = <usize>g.frameWidth << 2;
  const outRow = <usize>g.outWidth << 2;
  const strideBytes = <usize>g.strideWidth << 2;
  for (let channel = 0; channel < channels; channel++) {
    for (let kr = 0; kr < g.kernelHeight; kr++) {
      for (let kc = 0; kc < g.kernelWidth; kc++) {
        let from = columns;
        let to = frame + <usize>kr * frameRow + (<usize>kc << 2);
        for (let row = 0; row < g.outHeight; row++) {
          let i: usize = 0;
          if (g.strideWidth == 1) {
            for (; i + 16 <= outRow; i += 16)
              v128.store(to + i, f32x4.add(v128.load(to + i), v128.load(from + i)));
            for (; i < outRow; i += 4) store<f32>(to + i, load<f32>(to + i) + load<f32>(from + i));
          } else {
            let at = to;
            for (; i < outRow; i += 4, at += strideBytes) store<f32>(at, load<f32>(at) + load<f32>(from + i));
          }
          from += outRow;
          to += <usize>g.strideHeight * frameRow;
        }
        columns += columnsRow;
      }
    }
    frame += <usize>g.frameHeight * frameRow;
  }
}

/**
 * dWeight of the shards [begin, end) of the images, each into an array of its own. The sums run over the output positions.
 *
 * @param shardImages    images in a shard
 * @param parts          `[shards][outChannels · groups][taps]`, `partFloats` apart
 * @param blockPositions positions (over images) packed at a time
 * @param blockTaps      taps packed at a time; a multiple of 8
 * @param scratchBytes   per thread: 192, then the frames of the images that a block touches, then packed dy, then packed columns
 */
export function convWeightGradient(
  begin: i32,
  end: i32,
  g: Geometry,
  x: usize,
  dy: usize,
  parts: usize,
  partFloats: i32,
  images: i32,
  shardImages: i32,
  blockPositions: i32,
  blockTaps: i32,
  scratch: usize,
  scratchBytes: usize,
): void {
  const temporary = ownScratch(scratch, scratchBytes);
  const frames = temporary + 192;
  const frameBytes = g.frameBytes;
  const touched = blockPositions / g.positions + 2;
  const packedA = frames + (g.isPadded ? alignUp(<usize>touched * frameBytes) : 0);
  const panelsDown = (g.outChannels + TILE_ROWS - 1) / TILE_ROWS;
  const packedB = packedA + <usize>panelsDown * (<usize>blockPositions << 4);
  const planeBytes = g.planeBytes;
  const outImageBytes = <usize>g.groups * <usize>g.outChannels * planeBytes;
  const tapsBytes = <usize>g.taps << 2;
  for (let shard = begin; shard < end; shard++) {
    const firstImage = shard * shardImages;
    const total = max(0, min(shardImages, images - firstImage)) * g.positions;
    const part = parts + <usize>shard * (<usize>partFloats << 2);
    if (total == 0) memory.fill(part, 0, <usize>partFloats << 2);
    for (let group = 0; group < g.groups; group++) {
      const source = x + <usize>firstImage * g.imageBytes + <usize>group * g.groupBytes;
      const gradient = dy + <usize>firstImage * outImageBytes + <usize>(group * g.outChannels) * planeBytes;
      const target = part + <usize>(group * g.outChannels) * tapsBytes;
      for (let q = 0; q < total; q += blockPositions) {
        const count = min(blockPositions, total - q);
        const first = q / g.positions;
        const last = (q + count - 1) / g.positions;
        // Address of image `first`, and from there the distance to the next.
        let origin = source + <usize>first * g.imageBytes;
        let imageStride = g.imageBytes;
        if (g.isPadded) {
          for (let i = first; i <= last; i++)
            fillFrame(g, source + <usize>i * g.imageBytes, frames + <usize>(i - first) * frameBytes);
          origin = frames;
          imageStride = frameBytes;
        }
        packGradients(g, gradient, outImageBytes, q, count, panelsDown, packedA);
        for (let tap = 0; tap < g.taps; tap += blockTaps) {
          const lastTap = min(g.taps, tap + blockTaps);
          let b = packedB;
          for (let t = tap; t < lastTap; t += TILE_COLUMNS, b += <usize>count << 5)
            packTaps(g, origin, imageStride, q - first * g.positions, count, t, b);
          b = packedB;
          for (let t = tap; t < lastTap; t += TILE_COLUMNS, b += <usize>count << 5) {
            const columns = min(TILE_COLUMNS, lastTap - t);
            for (let down = 0; down < panelsDown; down++) {
              const rows = min(TILE_ROWS, g.outChannels - down * TILE_ROWS);
              const a = packedA + <usize>down * (<usize>count << 4);
              const to = target + <usize>(down * TILE_ROWS) * tapsBytes + (<usize>t << 2);
              if (rows == TILE_ROWS && columns == TILE_COLUMNS) multiplyTile(a, b, count, to, tapsBytes, q != 0);
              else multiplyEdge(a, b, count, to, tapsBytes, q != 0, rows, columns, temporary);
            }
          }
        }
      }
    }
  }
}

/** Panels `[outChannels / 4][count][4]` of dy at `count` positions from `q` on, counted over images. */
function packGradients(
  g: Geometry,
  gradient: usize,
  outImageBytes: usize,
  q: i32,
  count: i32,
  panelsDown: i32,
  packed: usize,
): void {
  for (let down = 0; down < panelsDown; down++) {
    const lines = min(TILE_ROWS, g.outChannels - down * TILE_ROWS);
    let image = q / g.positions;
    let position = q - image * g.positions;
    let done = 0;
    while (done < count) {
      const run = min(g.positions - position, count - done);
      const from =
        gradient +
        <usize>image * outImageBytes +
        <usize>(down * TILE_ROWS) * g.planeBytes +
        (<usize>position << 2);
      packPanel(4, from, g.positions, 1, lines, run, packed + (<usize>done << 4));
      done += run;
      position = 0;
      image++;
    }
    packed += <usize>count << 4;
  }
}

/** Panel `[count][8]`: what the 8 taps from `tap` on see at `count` positions from `q` on. Taps that do not exist repeat the last. */
function packTaps(
  g: Geometry,
  origin: usize,
  imageStride: usize,
  q: i32,
  count: i32,
  tap: i32,
  panel: usize,
): void {
  const o0 = tapOffset(g, tap);
  const o1 = tapOffset(g, tap + 1);
  const o2 = tapOffset(g, tap + 2);
  const o3 = tapOffset(g, tap + 3);
  const o4 = tapOffset(g, tap + 4);
  const o5 = tapOffset(g, tap + 5);
  const o6 = tapOffset(g, tap + 6);
  const o7 = tapOffset(g, tap + 7);
  let image = q / g.positions;
  let position = q - image * g.positions;
  let done = 0;
  while (done < count) {
    const last = min(g.positions, position + count - done);
    const frame = origin + <usize>image * imageStride;
    done += last - position;
    while (position < last) {
      const offset = <usize>load<u32>(g.pOffsets + (<usize>position << 2));
      const from = frame + offset;
      if (
        position + 4 <= last &&
        <usize>load<u32>(g.pOffsets + (<usize>position << 2), 12) - offset == 12
      ) {
        storeTransposed(
          panel,
          32,
          v128.load(from + o0),
          v128.load(from + o1),
          v128.load(from + o2),
          v128.load(from + o3),
        );
        storeTransposed(
          panel + 16,
          32,
          v128.load(from + o4),
          v128.load(from + o5),
          v128.load(from + o6),
          v128.load(from + o7),
        );
        position += 4;
        panel += 128;
      } else {
        store<f32>(panel, load<f32>(from + o0));
        store<f32>(panel, load<f32>(from + o1), 4);
        store<f32>(panel, load<f32>(from + o2), 8);
        store<f32>(panel, load<f32>(from + o3), 12);
        store<f32>(panel, load<f32>(from + o4), 16);
        store<f32>(panel, load<f32>(from + o5), 20);
        store<f32>(panel, load<f32>(from + o6), 24);
        store<f32>(panel, load<f32>(from + o7), 28);
        position++;
        panel += 32;
      }
    }
    position = 0;
    image++;
  }
}

@inline
function tapOffset(g: Geometry, tap: i32): usize {
  return <usize>load<u32>(g.kOffsets + (<usize>min(tap, g.taps - 1) << 2));
}
