import t from "tap";
import type { N2uqError } from "../../src/errors.js";

/** The error that a promise ends with; without one the test fails. */
export const failure = (promise: Promise<unknown>): Promise<N2uqError> =>
  promise.then(
    () => t.fail("no error") as never,
    (error) => error,
  );
