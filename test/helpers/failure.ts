import t from "tap";
import type { N2uqError } from "../../src/errors.js";

/** The error with which a promise rejects; the test fails if it does not reject. */
export const failure = (promise: Promise<unknown>): Promise<N2uqError> =>
  promise.then(
    () => t.fail("no error") as never,
    (error) => error,
  );
