import type { GemmCall } from "../backend.ts";
import { type Arena, addressIn } from "./arena.ts";
import type { Team } from "./team.ts";

/** Entries of the sums taken at a time: a panel of B then stays in the first-level cache, a block of A in the second. */
const SLICE = 384;
const BLOCK_ROWS = 128;
const BLOCK_COLUMNS = 64;
/** Multiplications worth a chunk of their own. */
const GRAIN_PRODUCTS = 250_000;
/** Floats worth packing in a chunk of their own. */
const GRAIN_PACK = 32_768;

/** Sums are taken slice by slice, in the same order for any number of threads. */
export function gemm(call: GemmCall, arena: Arena, team: Team, threads: number): void {
  const { m, n, k, transA, transB, accumulate } = call;
  const a = addressIn(arena, call.a);
  const b = addressIn(arena, call.b);
  const c = addressIn(arena, call.c);
  const slices = Math.ceil(k / SLICE);
  const slice = Math.ceil(k / slices);
  const panelsA = Math.ceil(m / 4);
  const panelsB = Math.ceil(n / 8);
  const packedA = arena.scratch(16 * panelsA * slice + 32 * panelsB * slice + 128 * threads);
  const packedB = packedA + 16 * panelsA * slice;
  const temporary = packedB + 32 * panelsB * slice;
  const blocks = Math.ceil(m / BLOCK_ROWS) * Math.ceil(n / BLOCK_COLUMNS);
  const blockProducts = Math.min(m, BLOCK_ROWS) * Math.min(n, BLOCK_COLUMNS) * slice;
  for (let first = 0; first < k; first += slice) {
    const count = Math.min(slice, k - first);
    const [lineA, stepA] = transA ? [1, m] : [k, 1];
    const [lineB, stepB] = transB ? [k, 1] : [1, n];
    const grainA = Math.ceil(GRAIN_PACK / (4 * count));
    const grainB = Math.ceil(GRAIN_PACK / (8 * count));
    team.run("pack", panelsA, grainA, 4, a + 4 * first * stepA, lineA, stepA, m, count, packedA);
    team.run("pack", panelsB, grainB, 8, b + 4 * first * stepB, lineB, stepB, n, count, packedB);
    const add = Number(accumulate || first > 0);
    const shape = [c, m, n, count, add, BLOCK_ROWS, BLOCK_COLUMNS, temporary] as const;
    team.run("gemmBlocks", blocks, Math.ceil(GRAIN_PRODUCTS / blockProducts), packedA, packedB, ...shape);
  }
}
