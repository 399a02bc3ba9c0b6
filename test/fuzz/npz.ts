// Damage to the arrays of an .npz archive, with the archive made anew around them, and to the archive's own records.
import { readZip, writeZip } from "#formats/npz/zip";
import type { Rng } from "#util/rng";
import { below, disturb, pick, type Mutator } from "./bytes.ts";

const SHAPES = [
  "()",
  "(0,)",
  "(1,)",
  "(2, 3)",
  "(4294967296,)",
  "(99999999999999999999,)",
  "(-1,)",
  "(0, 9007199254740993)",
  "(1, 1, 1, 1, 1, 1, 1)",
];
const TYPES = ["<f4", ">f8", "|b1", "|u1", "<i8", "|O", "<U4", "<c16", "<f2", "|V0", "<f3"];

/** Other shapes, types, orders and headers; data cut off or longer. */
export const damageNpy: Mutator = (bytes, rng) => {
  const text = new TextDecoder("latin1").decode(bytes.subarray(0, 256));
  const changed =
    rng() < 0.5
      ? text.replace(/'shape': \([^)]*\)/, `'shape': ${pick(rng, SHAPES)}`)
      : text.replace(/'descr': '[^']*'/, `'descr': '${pick(rng, TYPES)}'`);
  const copy = Uint8Array.from(bytes);
  // The header keeps its length, as other lengths would move the data.
  const header = changed.slice(0, Math.min(256, bytes.length));
  for (let i = 10; i < header.length; i++) copy[i] = header.charCodeAt(i);
  if (rng() < 0.4) disturb(copy, rng, 0, Math.min(copy.length, 128));
  return rng() < 0.3 ? copy.slice(0, below(rng, copy.length + 1)) : copy;
};

export const damageNpz: Mutator = async (bytes, rng: Rng) => {
  const members = await readZip(bytes);
  if (typeof members === "string" || members.length === 0) return bytes;
  const chosen = below(rng, members.length);
  const changed = await Promise.all(
    members.map(async ({ name, bytes: content }, m) => ({
      name:
        m === chosen && rng() < 0.2
          ? pick(rng, ["", ".npy", "../x.npy", "labels.npy", members[0].name])
          : name,
      bytes: m === chosen ? await damageNpy(content, rng) : content,
    })),
  );
  return writeZip(changed, rng() < 0.5);
};

/** Disturbs the list of members and the record that ends it. */
export const damageDirectory: Mutator = (bytes, rng) => {
  const copy = Uint8Array.from(bytes);
  const view = new DataView(copy.buffer);
  const records: number[] = [];
  for (let at = 0; at + 4 <= copy.length; at++)
    if ([0x04034b50, 0x02014b50, 0x06054b50].includes(view.getUint32(at, true))) records.push(at);
  for (let n = 1 + below(rng, 3); n > 0 && records.length > 0; n--) {
    const at = pick(rng, records);
    disturb(copy, rng, at + 4, Math.min(at + 46, copy.length));
  }
  return copy;
};
