/** What can be wrong with a file, a group, a dataset or an attribute. The formats above turn it into their diagnostics. */
export type Hdf5Fault =
  /** Its shape claims more than the file stores, or more than we take into memory. */
  | { readonly kind: "huge"; readonly shape: readonly number[]; readonly neededBytes: number }
  /** Stored with a filter that we cannot undo. */
  | { readonly kind: "filter"; readonly filter: string }
  /** Of a type that is neither a number of up to 64 bits nor text. */
  | { readonly kind: "dtype"; readonly dtype: string }
  /** A 64-bit integer that no double equals. */
  | { readonly kind: "inexact"; readonly dtype: string }
  /** The file ends before its own header says. */
  | { readonly kind: "truncated"; readonly hasBytes: number; readonly needsBytes: number }
  /** Damaged, or stored in a way that we do not read. The reason completes "cannot be read: …". */
  | { readonly kind: "unreadable"; readonly reason: string };

/** Carries a fault from deep inside a parser to the call that asked; never leaves this folder. */
export class Hdf5Error extends Error {
  readonly fault: Hdf5Fault;

  constructor(fault: Hdf5Fault) {
    super(fault.kind === "unreadable" ? fault.reason : fault.kind);
    this.name = "Hdf5Error";
    this.fault = fault;
  }
}

export function unreadable(reason: string): Hdf5Error {
  return new Hdf5Error({ kind: "unreadable", reason });
}
