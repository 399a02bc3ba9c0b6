/** Median of many short samples of CPU time, after a warm-up: both shrug off a busy machine. */
export function measure(
  work: () => unknown,
  samples = 40,
  minSampleMs = 5,
): { readonly medianUs: number; readonly spread: number } {
  let runs = 1;
  for (; timeMs(work, runs) < minSampleMs; runs *= 2);
  const us = Array.from({ length: samples }, () => (1000 * timeMs(work, runs)) / runs).toSorted(
    (a, b) => a - b,
  );
  const at = (q: number): number => us[Math.floor(q * (us.length - 1))];
  return { medianUs: at(0.5), spread: (at(0.75) - at(0.25)) / at(0.5) };
}

function timeMs(work: () => unknown, runs: number): number {
  return cpuMs(() => {
    for (let i = 0; i < runs; i++) work();
  });
}

/** CPU time of one run, all threads of the process together. */
export function cpuMs(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** One JSON line per benchmark on stdout, with the peak memory so far, so that runs can be kept and compared. */
export function report(line: {
  readonly name: string;
  readonly unit: string;
  readonly results: Readonly<Record<string, number>>;
}): void {
  console.log(
    JSON.stringify({ ...line, peakMb: process.resourceUsage().maxRSS / 1024 }, (_, v: unknown) =>
      typeof v === "number" ? Number(v.toPrecision(3)) : v,
    ),
  );
}
