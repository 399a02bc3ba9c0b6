import { deflate, inflate } from "#formats/inflate";

// The part of the zip format that NumPy uses: members stored plain or deflated, no encryption, no parts.
// Source: PKWARE APPNOTE.TXT 6.3.10, 4.3.

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END = 0x06054b50;
const END_BYTES = 22;
const STORED = 0;
const DEFLATED = 8;

/** Largest member that is unpacked. */
const MAX_MEMBER_BYTES = 2 ** 30;

export interface ZipMember {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Unpacks all members; a text says what is wrong with the archive. */
export async function readZip(bytes: Uint8Array): Promise<readonly ZipMember[] | string> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  if (end === undefined) return "its list of members is missing; it is probably cut off";
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  const members: ZipMember[] = [];
  let packedBytes = 0;
  for (let m = 0; m < count; m++) {
    if (at + 46 > end || view.getUint32(at, true) !== CENTRAL_HEADER) return "its list of members is damaged";
    // Members that share their bytes can unpack to more than anybody has.
    packedBytes += view.getUint32(at + 20, true);
    if (packedBytes > bytes.length) return "its members overlap";
    const nameBytes = view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameBytes));
    const member = await unpack(view, bytes, at, name);
    if (typeof member === "string") return member;
    members.push(member);
    at += 46 + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return members;
}

/** The end record stands last, before a comment of at most 65,535 bytes. */
function findEnd(view: DataView): number | undefined {
  const last = view.byteLength - END_BYTES;
  for (let at = last; at >= Math.max(0, last - 65_535); at--) {
    if (view.getUint32(at, true) === END) return at;
  }
  return undefined;
}

async function unpack(
  view: DataView,
  bytes: Uint8Array,
  at: number,
  name: string,
): Promise<ZipMember | string> {
  const isEncrypted = (view.getUint16(at + 8, true) & 1) !== 0;
  const method = view.getUint16(at + 10, true);
  const crc = view.getUint32(at + 16, true);
  const packedBytes = view.getUint32(at + 20, true);
  const unpackedBytes = view.getUint32(at + 24, true);
  const header = view.getUint32(at + 42, true);
  if (isEncrypted) return `its member "${name}" is encrypted`;
  if (unpackedBytes > MAX_MEMBER_BYTES) return `its member "${name}" claims ${unpackedBytes} bytes`;
  if (header + 30 > bytes.length || view.getUint32(header, true) !== LOCAL_HEADER) {
    return `its member "${name}" is not where the list says`;
  }
  const start = header + 30 + view.getUint16(header + 26, true) + view.getUint16(header + 28, true);
  if (start + packedBytes > bytes.length) return `its member "${name}" is cut off`;
  const packed = bytes.subarray(start, start + packedBytes);
  if (method !== STORED && method !== DEFLATED) return `its member "${name}" is packed with method ${method}`;
  const unpacked = method === STORED ? packed : await inflate(packed, "deflate-raw", unpackedBytes);
  if (unpacked?.length !== unpackedBytes || crc32(unpacked) !== crc) return `its member "${name}" is damaged`;
  return { name, bytes: unpacked };
}

/** Packs members in the given order. All times are 1980-01-01, so equal content gives equal bytes. */
export async function writeZip(members: readonly ZipMember[], compress: boolean): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const central: Uint8Array[] = [];
  let offset = 0;
  for (const { name, bytes } of members) {
    const nameBytes = new TextEncoder().encode(name);
    const packed = compress ? await deflate(bytes, "deflate-raw") : bytes;
    const common = new DataView(new ArrayBuffer(26));
    common.setUint16(0, 20, true);
    common.setUint16(2, UTF8_NAME, true);
    common.setUint16(4, compress ? DEFLATED : STORED, true);
    common.setUint16(8, FIRST_DAY, true);
    common.setUint32(10, crc32(bytes), true);
    common.setUint32(14, packed.length, true);
    common.setUint32(18, bytes.length, true);
    common.setUint16(22, nameBytes.length, true);
    const shared = new Uint8Array(common.buffer);
    const local = [word(LOCAL_HEADER), shared, nameBytes, packed];
    central.push(
      word(CENTRAL_HEADER),
      Uint8Array.of(20, 0),
      shared,
      new Uint8Array(10),
      word(offset),
      nameBytes,
    );
    parts.push(...local);
    offset += local.reduce((sum, part) => sum + part.length, 0);
  }
  const centralBytes = central.reduce((sum, part) => sum + part.length, 0);
  const end = new DataView(new ArrayBuffer(END_BYTES));
  end.setUint32(0, END, true);
  end.setUint16(8, members.length, true);
  end.setUint16(10, members.length, true);
  end.setUint32(12, centralBytes, true);
  end.setUint32(16, offset, true);
  return concatenate([...parts, ...central, new Uint8Array(end.buffer)]);
}

const UTF8_NAME = 0x0800;
const FIRST_DAY = 0x0021;

function word(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const CRC_TABLE: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

/** The checksum of zip and gzip (ISO 3309). */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = CRC_TABLE[(crc ^ bytes[i]) & 0xff] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
