import type { SpikeData } from "#ir/spikes";

/** What a file of spike data holds. */
export interface SpikeFile {
  /** By name of the input node. A file with one input and no name for it has one entry, called "". */
  readonly ports: Readonly<Record<string, SpikeData>>;
  /** `[samples]`, the class of each sample, where the file has them. */
  readonly labels?: Int32Array;
}

/** What the file's reader may know beforehand. */
export interface SpikeHint {
  /** Base name, for its ending and for messages. */
  readonly fileName: string;
  /** Shape of one step, of the only input or by input node: tells samples from steps in dense arrays. */
  readonly shape?: readonly number[] | Readonly<Record<string, readonly number[]>>;
  /** Turns event times in seconds into steps. */
  readonly dtSeconds?: number;
}

/** Names under which labels are found. */
export const LABEL_NAMES: ReadonlySet<string> = new Set(["labels", "label", "y", "targets"]);

/** The expected shape of one step at a port; "" asks for that of the only input. */
export function expectedShape(hint: SpikeHint, port: string): readonly number[] | undefined {
  const { shape } = hint;
  if (shape === undefined || isShape(shape)) return shape;
  if (Object.hasOwn(shape, port)) return shape[port];
  const shapes = Object.values(shape);
  return shapes.length === 1 ? shapes[0] : undefined;
}

/** One array that is not called after an input node belongs to the only input. */
export function portName(hint: SpikeHint, name: string, isOnlyOne: boolean): string {
  const isInput = hint.shape !== undefined && !isShape(hint.shape) && Object.hasOwn(hint.shape, name);
  return isOnlyOne && !isInput ? "" : name;
}

const isShape = (shape: NonNullable<SpikeHint["shape"]>): shape is readonly number[] => Array.isArray(shape);
