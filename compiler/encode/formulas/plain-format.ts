import type { SynapseFormat } from "#ir/deployment";
import type { Workload } from "../workload.ts";

/** The format of a projection's synapses where nothing but the weight is a field, unless `fields` says so. */
export function plainFormat(
  { byProjection }: Workload,
  projection: number,
  encoding: SynapseFormat["encoding"],
  fields: { readonly indexBits?: number; readonly delayBits?: number } = {},
): SynapseFormat {
  const { weightBits, signMode, weightExponent } = byProjection[projection].quantization;
  return {
    projection,
    encoding,
    weightBits,
    signMode,
    weightExponent,
    indexBits: 0,
    skipBits: 0,
    delayBits: 0,
    ...fields,
  };
}
