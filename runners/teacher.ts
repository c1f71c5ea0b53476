import type { TrainingGraph } from "../src/graph/types.js";
import { FULL_PRECISION } from "../src/models/network.js";
import type { ResolvedExperiment, ResolvedTeacher } from "../src/resolve/types.js";
import { createTeacher, type Teacher } from "../src/train/teacher.js";
import { graphOf } from "./graph.js";
import type { Session } from "./session.js";
import { readFitting, readingBest, weightsFile } from "./weights.js";

/** The network for a teacher's weights: that of another experiment, or a full-precision network. */
export function teacherGraph(teacher: ResolvedTeacher): TrainingGraph {
  if ("experiment" in teacher) return graphOf(teacher.experiment);
  return graphOf({ architecture: teacher.architecture, quantization: FULL_PRECISION });
}

/** The experiment's teacher in inference mode (running statistics), or null without one. */
export async function openTeacher(
  session: Session,
  { teacher }: ResolvedExperiment,
): Promise<Teacher | null> {
  if (teacher === null) return null;
  const file = await weightsFile(session, teacher);
  const graph = teacherGraph(teacher);
  const own = "experiment" in teacher ? teacher.experiment : null;
  return createTeacher(graph, await readingBest(session, own, () => readFitting(graph, file)));
}
