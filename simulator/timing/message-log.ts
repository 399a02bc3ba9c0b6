import type { MessageTimes } from "./timing.ts";

/** `MessageTimes` that grow when they have to. */
export class MessageLog implements MessageTimes {
  count = 0;
  from: Int32Array = new Int32Array(0);
  to: Int32Array = new Int32Array(0);
  sendNs: Float64Array = new Float64Array(0);
  receivedNs: Float64Array = new Float64Array(0);
  processedNs: Float64Array = new Float64Array(0);
  blockedNs: Float64Array = new Float64Array(0);

  get capacity(): number {
    return this.from.length;
  }

  /** Empties it; `needed` entries can then be added. */
  reset(needed: number): void {
    this.count = 0;
    if (needed <= this.from.length) return;
    const length = Math.max(needed, 2 * this.from.length);
    this.from = new Int32Array(length);
    this.to = new Int32Array(length);
    this.sendNs = new Float64Array(length);
    this.receivedNs = new Float64Array(length);
    this.processedNs = new Float64Array(length);
    this.blockedNs = new Float64Array(length);
  }

  /** @returns its place */
  add(
    from: number,
    to: number,
    sendNs: number,
    receivedNs: number,
    processedNs: number,
    blockedNs: number,
  ): number {
    const at = this.count++;
    this.from[at] = from;
    this.to[at] = to;
    this.sendNs[at] = sendNs;
    this.receivedNs[at] = receivedNs;
    this.processedNs[at] = processedNs;
    this.blockedNs[at] = blockedNs;
    return at;
  }
}
