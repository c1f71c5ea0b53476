/**
 * `i32.const 1000000`, the number of times that a thread of pthreadpool looks for work, or for the end of the
 * other threads' work, before it sleeps; and `i32.const 10000` in as many bytes. The loops count down to zero
 * in steps of five, so the number must be divisible by five.
 */
const LONG = Buffer.of(0x41, 0xc0, 0x84, 0x3d);
const SHORT = Buffer.of(0x41, 0x90, 0xce, 0x00);

/** The loops in TensorFlow.js 4.22's threaded build: at start, after an operation, and of a worker. */
const LOOPS = 3;

/**
 * Makes waiting threads sleep a hundred times sooner, in the bytes of the threaded build. Otherwise they spin
 * for about a millisecond, and every operation waits for the scheduler if another process uses a core: two
 * threads were then slower than one. Returns the bytes as they are if they are not those of the known build.
 */
export function waitBriefly(build: Buffer): Buffer {
  const places: number[] = [];
  for (let at = build.indexOf(LONG); at >= 0; at = build.indexOf(LONG, at + 1)) places.push(at);
  if (places.length !== LOOPS) return build;
  const changed = Buffer.from(build);
  for (const at of places) SHORT.copy(changed, at);
  return changed;
}
