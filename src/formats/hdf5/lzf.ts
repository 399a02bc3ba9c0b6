import { unreadable } from "./fault.ts";

/**
 * Unpacks one LZF block.
 *
 * A control byte below 32 announces that many literal bytes plus one; otherwise its upper three bits are the
 * length (7: add the next byte) plus two, and its lower five with the byte after them the distance back, minus one.
 *
 * @param outputBytes length of the result, known from the chunk's shape
 * @throws Hdf5Error if the block does not give exactly that many bytes
 *
 * Source: M. Lehmann, LibLZF, format as described in its documentation.
 */
export function unpackLzf(packed: Uint8Array, outputBytes: number): Uint8Array {
  const output = new Uint8Array(outputBytes);
  let read = 0;
  let written = 0;
  while (read < packed.length) {
    const control = packed[read++];
    if (control < 32) {
      const count = control + 1;
      if (read + count > packed.length || written + count > outputBytes) throw damaged();
      output.set(packed.subarray(read, read + count), written);
      read += count;
      written += count;
      continue;
    }
    let count = (control >> 5) + 2;
    if (count === 9) count += packed[read++];
    let from = written - ((control & 0x1f) << 8) - packed[read++] - 1;
    if (!(read <= packed.length && from >= 0 && written + count <= outputBytes)) throw damaged();
    // Byte by byte: source and target may overlap, which repeats the bytes in between.
    for (let i = 0; i < count; i++) output[written++] = output[from++];
  }
  if (written !== outputBytes) throw damaged();
  return output;
}

const damaged = (): Error => unreadable("a chunk packed with lzf is damaged");
