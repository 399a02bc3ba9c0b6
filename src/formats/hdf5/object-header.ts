import { cursorAt, Cursor, type Hdf5Bytes } from "./cursor.ts";
import { unreadable } from "./fault.ts";

/** Types of the header messages that we read. */
export const MESSAGE = {
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  fillValue: 0x05,
  link: 0x06,
  externalFiles: 0x07,
  layout: 0x08,
  filters: 0x0b,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
  modificationTime: 0x12,
} as const;

export interface Message {
  readonly type: number;
  /** Its body; a view into the file. */
  readonly body: Uint8Array;
  /** The body is elsewhere: in a committed type, usually. */
  readonly isShared: boolean;
}

/** More than any header has: ends continuation blocks that lead in circles. */
const MAX_BLOCKS = 4096;

/**
 * All messages of the object header at an address, versions 1 and 2, continuation blocks included.
 *
 * Source: HDF5 File Format Specification 3.0, IV.A.1.
 */
export function readObjectHeader(file: Hdf5Bytes, address: number): Message[] {
  const what = "the object header";
  const peek = cursorAt(file, address, what);
  return peek.u8() === 1 ? readVersion1(file, address, what) : readVersion2(file, address, what);
}

function readVersion1(file: Hdf5Bytes, address: number, what: string): Message[] {
  const prefix = cursorAt(file, address, what);
  prefix.version([1]);
  prefix.skip(1);
  const count = prefix.u16();
  prefix.skip(4);
  const firstBytes = prefix.u32();
  const messages: Message[] = [];
  const blocks = [{ address: address + 16, bytes: firstBytes }];
  for (let b = 0; b < blocks.length && b < MAX_BLOCKS; b++) {
    const cursor = cursorAt(file, blocks[b].address, what, blocks[b].bytes);
    while (cursor.left >= 8 && messages.length < count) {
      const type = cursor.u16();
      const size = cursor.u16();
      const flags = cursor.u8();
      cursor.skip(3);
      addMessage(file, { type, body: cursor.take(size), isShared: (flags & 2) !== 0 }, messages, blocks);
    }
  }
  return messages;
}

function readVersion2(file: Hdf5Bytes, address: number, what: string): Message[] {
  const prefix = cursorAt(file, address, what);
  prefix.signature("OHDR");
  prefix.version([2]);
  const flags = prefix.u8();
  if (flags & 0x20) prefix.skip(16);
  if (flags & 0x10) prefix.skip(4);
  const firstBytes = prefix.uint(1 << (flags & 3));
  const hasOrder = (flags & 0x04) !== 0;
  const messages: Message[] = [];
  const blocks = [{ address, bytes: prefix.position + firstBytes + CHECKSUM_BYTES }];
  for (let b = 0; b < blocks.length && b < MAX_BLOCKS; b++) {
    const cursor = cursorAt(file, blocks[b].address, what, blocks[b].bytes);
    if (b === 0) cursor.skip(prefix.position);
    else cursor.signature("OCHK");
    while (cursor.left - CHECKSUM_BYTES >= (hasOrder ? 6 : 4)) {
      const type = cursor.u8();
      const size = cursor.u16();
      const isShared = (cursor.u8() & 2) !== 0;
      if (hasOrder) cursor.skip(2);
      addMessage(file, { type, body: cursor.take(size), isShared }, messages, blocks);
    }
    cursor.skip(cursor.left - CHECKSUM_BYTES);
    cursor.checksum();
  }
  return messages;
}

const CHECKSUM_BYTES = 4;

function addMessage(
  file: Hdf5Bytes,
  message: Message,
  messages: Message[],
  blocks: { address: number; bytes: number }[],
): void {
  messages.push(message);
  if (message.type !== MESSAGE.continuation) return;
  const cursor = new Cursor(message.body, file, "a continuation message");
  const address = cursor.address();
  if (address === undefined) throw unreadable("a continuation message leads nowhere");
  blocks.push({ address, bytes: cursor.length() });
}

/**
 * The body of the one message of a type, or undefined.
 *
 * A shared body is fetched from the header that has it (a committed type).
 */
export function findMessage(
  file: Hdf5Bytes,
  messages: readonly Message[],
  type: number,
): Uint8Array | undefined {
  const message = messages.find((m) => m.type === type);
  if (!message) return undefined;
  return message.isShared ? sharedBody(file, message.body, type) : message.body;
}

/** Follows a reference to a message in another object header. */
export function sharedBody(file: Hdf5Bytes, reference: Uint8Array, type: number): Uint8Array {
  const cursor = new Cursor(reference, file, "a shared message");
  const version = cursor.version([1, 2, 3]);
  const kind = cursor.u8();
  if (version === 1) cursor.skip(6);
  if (version === 3 && kind === 1) throw unreadable("its header message is in a shared-message table");
  const address = cursor.address();
  const owner =
    address === undefined ? undefined : readObjectHeader(file, address).find((m) => m.type === type);
  if (!owner || owner.isShared) throw unreadable("its shared header message is missing");
  return owner.body;
}
