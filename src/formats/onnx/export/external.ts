import type { TensorProto } from "../proto.ts";

/** Smaller tensors stay in the model's own file. */
const SMALLEST_BYTES = 1024;
/** Readers may map the file into memory. */
const ALIGNMENT_BYTES = 4096;

/** Moves large dense tensors to a file of their own; the model then says where each lies. */
export function moveOut(
  tensors: readonly TensorProto[],
  location: string,
): { readonly tensors: TensorProto[]; readonly bytes: Uint8Array } {
  let length = 0;
  const moved: { readonly offset: number; readonly data: Uint8Array }[] = [];
  const rest = tensors.map((tensor): TensorProto => {
    const { rawData, ...head } = tensor;
    if (!rawData || rawData.length < SMALLEST_BYTES) return tensor;
    const offset = Math.ceil(length / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    length = offset + rawData.length;
    moved.push({ offset, data: rawData });
    return {
      ...head,
      dataLocation: 1,
      externalData: [
        { key: "location", value: location },
        { key: "offset", value: String(offset) },
        { key: "length", value: String(rawData.length) },
      ],
    };
  });
  const bytes = new Uint8Array(length);
  for (const { offset, data } of moved) bytes.set(data, offset);
  return { tensors: rest, bytes };
}

/** Bytes of the numbers in a list of tensors. */
export function rawBytes(tensors: readonly TensorProto[]): number {
  return tensors.reduce((sum, { rawData }) => sum + (rawData?.length ?? 0), 0);
}
