import { buildGraph } from "../src/models/models.js";
import type { ResolvedExperiment, ResolvedQuantization } from "../src/resolve/types.js";
import type { Teacher } from "../src/train/teacher.js";
import { createTeacher } from "../src/train/teacher.js";
import { readSafetensors } from "../src/weights/safetensors.js";
import type { Session } from "./session.js";
import { weightsFile } from "./weights.js";

const FULL_PRECISION: ResolvedQuantization = {
  method: "none",
  bits: { weights: 32, activations: 32 },
  downsample: false,
  regularizer: { kind: "none", weight: 0 },
  keep: null,
  layers: [],
};

/** The experiment's teacher in evaluation mode (running statistics), or null without one. */
export async function openTeacher(
  session: Session,
  { teacher }: ResolvedExperiment,
): Promise<Teacher | null> {
  if (teacher === null) return null;
  const file = await weightsFile(session, teacher);
  const { architecture, quantization } =
    "experiment" in teacher
      ? teacher.experiment
      : { architecture: teacher.architecture, quantization: FULL_PRECISION };
  const { tensors } = await readSafetensors(file);
  return createTeacher(buildGraph(architecture, quantization), tensors);
}
