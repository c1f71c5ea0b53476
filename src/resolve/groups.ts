import type { Idle } from "./idle.js";
import type { GroupAssignment } from "./network.js";
import type { ResolvedOptimizer } from "./types.js";

const PATH = ["training", "optimizer", "groups"];

/** The optimizer without globs and groups that have no effect, and a list of these globs. */
export function effectiveGroups(
  optimizer: ResolvedOptimizer,
  { idle }: GroupAssignment,
): { optimizer: ResolvedOptimizer; idle: Idle[] } {
  const groups = optimizer.groups.flatMap((group, index) => {
    const match = group.match.filter(
      (_, glob) => !idle.some((one) => one.group === index && one.glob === glob),
    );
    return match.length === 0 ? [] : [{ ...group, match }];
  });
  return {
    optimizer: { ...optimizer, groups },
    idle: idle.map(({ group, glob, match, close }) => ({
      path: [...PATH, group, "match", glob],
      why:
        close.length > 0 ? `since no parameter matches ${match}` : "since earlier groups take its parameters",
      because: [["quantization"], ["architecture"]],
      ...(close.length > 0 && { code: "N2UQ_RULE_MATCHES_NO_PARAMETER" as const }),
      match,
      close,
    })),
  };
}
