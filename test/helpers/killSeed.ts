import { stream } from "../../src/random.js";

/**
 * Draws the moments at which a test kills processes, from 0 to 1. The seed is printed, and N2UQ_TEST_SEED sets it: the same seed
 * draws the same moments.
 * @throws RangeError where N2UQ_TEST_SEED is no integer
 */
export function killMoments(): () => number {
  const given = process.env.N2UQ_TEST_SEED;
  const seed = given === undefined ? Date.now() % 100_000 : Number(given);
  if (!Number.isSafeInteger(seed)) throw new RangeError(`N2UQ_TEST_SEED is ${given}, which is no integer`);
  console.log(`kills at moments of N2UQ_TEST_SEED=${seed}`);
  return stream(seed, "kill");
}
