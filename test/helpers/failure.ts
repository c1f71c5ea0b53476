import t from "tap";
import type { N2uqError } from "../../src/errors.js";

/** The error with which a promise rejects; the test fails if it does not reject. */
export const failure = (promise: Promise<unknown>): Promise<N2uqError> =>
  promise.then(
    () => t.fail("no error") as never,
    (error) => error,
  );

/** The code and details of the error that a function throws; null if it throws none. */
export const faultOf = (work: () => void): Record<string, unknown> | null => {
  try {
    work();
    return null;
  } catch (error) {
    const { code, details } = error as N2uqError;
    return { code, ...details };
  }
};
