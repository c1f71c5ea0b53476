import { deviceChoice } from "../device.js";
import type { Probe } from "../trial.js";
import { findLibraries, type Library } from "./libraries.js";
import { environmentFor, type TensorFlowOptions } from "./options.js";
import { probe } from "./probe.js";

const INSTALL = "Run `n2uq engine install tensorflow`.";
export const REPAIR =
  "Run `n2uq engine install tensorflow --force`, or choose another engine with `--engine`.";

/** The library to load, or the reason why there is none. */
type Choice =
  | { readonly library: Library; readonly gpu: boolean }
  | { readonly reason: string; readonly remedy: string };

/** Finds the first library that works on the requested device. */
export async function choose(options: TensorFlowOptions): Promise<Choice> {
  const device = deviceChoice(options);
  const libraries = findLibraries().filter(({ variant }) => device !== "cpu" || variant === "cpu");
  if (libraries.length === 0) return { reason: "its native library is not installed", remedy: INSTALL };
  const tried: { library: Library; answer: Probe }[] = [];
  for (const library of libraries) {
    const answer = await probe(library, environmentFor(options));
    if (answer.works && (answer.gpu || device === "cpu")) return { library, gpu: answer.gpu };
    tried.push({ library, answer });
  }
  const working = tried.find(({ answer }) => answer.works);
  if (working !== undefined && device === "auto") return { library: working.library, gpu: false };
  const reasons = tried.map(({ library, answer }) =>
    answer.works ? `${library.folder} finds no GPU` : `${library.folder}: ${answer.reason}`,
  );
  const remedy = working === undefined ? REPAIR : "`n2uq doctor` shows the missing parts of CUDA.";
  return { reason: reasons.join("; "), remedy };
}
