import { growUint32 } from "../placement/grow.ts";
import type { Routing } from "./routing.ts";

/** Writes a `Routing` down: cores and links of a packet, its end, and the end of the flow. */
export class RoutingBuilder {
  #packets = 0;
  #links = 0;
  #cores = 0;
  #packetStart: number[] = [0];
  #linkStart: number[] = [0];
  #coreStart: number[] = [0];
  #link = new Uint32Array(256);
  #core = new Uint32Array(256);

  addLink(link: number): void {
    this.#link = growUint32(this.#link, this.#links + 1);
    this.#link[this.#links++] = link;
  }

  addCore(core: number): void {
    this.#core = growUint32(this.#core, this.#cores + 1);
    this.#core[this.#cores++] = core;
  }

  endPacket(): void {
    this.#packets++;
    this.#linkStart.push(this.#links);
    this.#coreStart.push(this.#cores);
  }

  endFlow(): void {
    this.#packetStart.push(this.#packets);
  }

  finish(): Routing {
    return {
      packetStart: Uint32Array.from(this.#packetStart),
      linkStart: Uint32Array.from(this.#linkStart),
      link: this.#link.slice(0, this.#links),
      coreStart: Uint32Array.from(this.#coreStart),
      core: this.#core.slice(0, this.#cores),
    };
  }
}
