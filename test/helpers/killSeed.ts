import { stream } from "../../src/random.js";

/**
 * Draws the moments, from 0 to 1, at which a test kills processes. Prints the seed, which N2UQ_TEST_SEED can
 * set; the same seed draws the same moments.
 * @throws RangeError if N2UQ_TEST_SEED is not an integer
 */
export function killMoments(): () => number {
  const given = process.env.N2UQ_TEST_SEED;
  const seed = given === undefined ? Date.now() % 100_000 : Number(given);
  if (!Number.isSafeInteger(seed)) throw new RangeError(`N2UQ_TEST_SEED is ${given}, not an integer`);
  console.log(`kills at moments of N2UQ_TEST_SEED=${seed}`);
  return stream(seed, "kill");
}
