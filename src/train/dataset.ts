// Data as the trainer takes it: one of two forms, labels beside it.

/** Still images (or dense vectors). The encoder makes steps of them. */
export interface ImageData {
  readonly kind: "images";
  readonly name: string;
  /** `[features]` or `[channels, height, width]`. */
  readonly shape: readonly number[];
  /** `[samples, …shape]`, 0 to 255. */
  readonly pixels: Uint8Array;
  /** `[samples]` */
  readonly labels: Uint8Array | Uint16Array;
  readonly classes: number;
}

/** Events of an event camera or a spiking ear. */
export interface EventData {
  readonly kind: "events";
  readonly name: string;
  /** `[channels, height, width]` (polarity first) or `[features]`. */
  readonly shape: readonly number[];
  readonly samples: readonly EventStream[];
  readonly labels: Uint8Array | Uint16Array;
  readonly classes: number;
}

export interface EventStream {
  /** Microseconds, ascending. */
  readonly timeUs: Float64Array;
  /** C-order index into `shape`. */
  readonly index: Uint32Array;
}

export type Dataset = ImageData | EventData;
