// Which part of a scratch area is this thread's. Each thread has an instance, and with it a copy of this variable.
let thread: usize = 0;

export function setThread(index: i32): void {
  thread = <usize>index;
}

/** The part of this thread; `bytesPerThread` is a multiple of 64. */
@inline
export function ownScratch(base: usize, bytesPerThread: usize): usize {
  return base + thread * bytesPerThread;
}
