/** An array for every neuron as the smallest tensor that broadcasts to it: one number, one for each channel, or all. */
export function compact(
  { shape, size }: { readonly shape: readonly number[]; readonly size: number },
  values: Float64Array,
): { readonly dims: readonly number[]; readonly values: Float64Array; readonly isSpread: boolean } {
  if (size > 0 && values.every((value) => value === values[0]))
    return { dims: [1], values: values.slice(0, 1), isSpread: size > 1 };
  if (shape.length > 1) {
    const pixels = size / shape[0];
    if (values.every((value, i) => value === values[i - (i % pixels)])) {
      const perChannel = values.filter((_, i) => i % pixels === 0);
      return { dims: [shape[0], ...shape.slice(1).map(() => 1)], values: perChannel, isSpread: true };
    }
  }
  return { dims: shape, values, isSpread: false };
}
