import { fileURLToPath } from "node:url";
import { N2uqError } from "../../src/errors.js";

export const fixtures = fileURLToPath(new URL("../fixtures/pth", import.meta.url));

export function fixture(name: string): string {
  return `${fixtures}/${name}`;
}

/** The coded error with which a promise rejects. @throws any other error; Error if it does not reject */
export async function rejection(promise: Promise<unknown>): Promise<N2uqError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof N2uqError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}
