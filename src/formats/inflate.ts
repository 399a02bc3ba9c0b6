/**
 * Unpacks DEFLATE data with the web-standard stream, in Node and browsers alike.
 *
 * @param format `deflate`: with zlib's header and checksum; `deflate-raw`: bare, as in zip; `gzip`
 * @param maxBytes stops there: a few packed bytes can claim gigabytes
 * @returns undefined if the data are damaged, cut off, followed by something else, or longer than `maxBytes`
 */
export async function inflate(
  packed: Uint8Array,
  format: "deflate" | "deflate-raw" | "gzip",
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  const stream = new DecompressionStream(format);
  const writer = stream.writable.getWriter();
  // Faults of the data appear on the reading side; here they would be reported a second time, unhandled.
  const ignore = (): undefined => undefined;
  writer.write(packed as Uint8Array<ArrayBuffer>).catch(ignore);
  writer.close().catch(ignore);
  const reader = stream.readable.getReader();
  const parts: Uint8Array[] = [];
  let total = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return join(parts, total);
      parts.push(value);
      total += value.length;
      if (total > maxBytes) {
        await reader.cancel();
        return undefined;
      }
    }
  } catch {
    return undefined;
  }
}

/** Packs with the web-standard stream. */
export async function deflate(bytes: Uint8Array, format: "deflate-raw" | "gzip"): Promise<Uint8Array> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new CompressionStream(format));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function join(parts: readonly Uint8Array[], total: number): Uint8Array {
  if (parts.length === 1) return parts[0];
  const whole = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
