// From spikes to messages, and the counts of both.

/**
 * Puts a message into the queue of every core that a fired compartment sends to.
 *
 * @param fired      compartments; entries [begin, end) are read
 * @param routeStart `[compartments + 1]` into the next two
 * @param routeRow   receiving core, as a row of the machine
 * @param routeAxon  its input axon
 * @param queueBegin `[rows]`, where the queue of a row begins in `queue`; room is the caller's duty
 * @param queued     `[rows]`, messages now in the queue of a row; counted up
 * @returns number of messages
 */
export function send(
  fired: Uint32Array,
  begin: number,
  end: number,
  routeStart: Uint32Array,
  routeRow: Uint32Array,
  routeAxon: Uint32Array,
  queue: Uint32Array,
  queueBegin: Uint32Array,
  queued: Uint32Array,
): number {
  let messages = 0;
  for (let f = begin; f < end; f++) {
    const n = fired[f];
    const last = routeStart[n + 1];
    for (let r = routeStart[n]; r < last; r++) {
      const row = routeRow[r];
      queue[queueBegin[row] + queued[row]++] = routeAxon[r];
      messages++;
    }
  }
  return messages;
}

/**
 * Adds up columns of a table over a list of its rows: hops over fired compartments, words and events over axons.
 *
 * @param rows  entries [begin, end) are read
 * @param table `[rows, 4]`
 * @param out   `[4]`, overwritten
 * @returns number of rows added
 */
export function sumRows(
  rows: Uint32Array,
  begin: number,
  end: number,
  table: Uint32Array,
  out: Float64Array,
): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let i = begin; i < end; i++) {
    const at = rows[i] * 4;
    a += table[at];
    b += table[at + 1];
    c += table[at + 2];
    d += table[at + 3];
  }
  out[0] = a;
  out[1] = b;
  out[2] = c;
  out[3] = d;
  return end - begin;
}
