// Numbers in text, read straight from the bytes: files of hypergraphs have hundreds of megabytes.

const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const TAB = 9;
const PERCENT = 37;
const ZERO = 48;
const NINE = 57;

/** Goes through the lines of a text that hold something, number by number. Lines that begin with % are comments. */
export class NumberLines {
  readonly #bytes: Uint8Array;
  #at = 0;
  /** Number of the line that is read, from 1. */
  line = 0;
  #started = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Goes to the next line with numbers, past what is left of this one. False at the end of the text. */
  nextLine(): boolean {
    const bytes = this.#bytes;
    if (this.#started) this.#skipLine();
    this.#started = true;
    for (;;) {
      this.line++;
      this.#skipBlanks();
      if (this.#at >= bytes.length) return false;
      if (bytes[this.#at] === PERCENT) this.#skipLine();
      else if (bytes[this.#at] === NEWLINE) this.#at++;
      else return true;
    }
  }

  /** The next whole number of the line, 0 or more; undefined at its end, NaN if there is something else or it is too large. */
  nextWhole(): number | undefined {
    const bytes = this.#bytes;
    this.#skipBlanks();
    if (this.#isAtEnd()) return undefined;
    let value = 0;
    const begin = this.#at;
    while (this.#at < bytes.length && bytes[this.#at] >= ZERO && bytes[this.#at] <= NINE) {
      value = 10 * value + bytes[this.#at] - ZERO;
      this.#at++;
    }
    if (this.#at > begin && this.#isBehindWord() && value <= Number.MAX_SAFE_INTEGER) return value;
    this.#at = begin;
    return NaN;
  }

  /** The same for any number. */
  nextNumber(): number | undefined {
    this.#skipBlanks();
    if (this.#isAtEnd()) return undefined;
    const begin = this.#at;
    const value = Number(this.nextWord());
    if (Number.isNaN(value)) this.#at = begin;
    return value;
  }

  /** What stands next, for messages. */
  nextWord(): string {
    this.#skipBlanks();
    const begin = this.#at;
    while (this.#at < this.#bytes.length && !this.#isBehindWord()) this.#at++;
    return new TextDecoder().decode(this.#bytes.subarray(begin, Math.min(this.#at, begin + 40)));
  }

  #isAtEnd(): boolean {
    return this.#at >= this.#bytes.length || this.#bytes[this.#at] === NEWLINE;
  }

  #isBehindWord(): boolean {
    if (this.#at >= this.#bytes.length) return true;
    const byte = this.#bytes[this.#at];
    return byte === SPACE || byte === TAB || byte === NEWLINE || byte === RETURN;
  }

  #skipBlanks(): void {
    const bytes = this.#bytes;
    while (this.#at < bytes.length) {
      const byte = bytes[this.#at];
      if (byte !== SPACE && byte !== TAB && byte !== RETURN) return;
      this.#at++;
    }
  }

  #skipLine(): void {
    const end = this.#bytes.indexOf(NEWLINE, this.#at);
    this.#at = end < 0 ? this.#bytes.length : end + 1;
  }
}
