export * from "./chrome-trace.ts";
export * from "./membranes.ts";
export type { TraceWindow } from "./window.ts";
