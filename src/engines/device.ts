/** Where an engine computes, as a project's config says it for engines that can use a GPU. */
export interface DeviceOptions {
  /** The first GPU if there is one (`auto`), `cpu`, `gpu`, or a GPU by its number, `gpu:1`. */
  readonly device?: string;
}

export type DeviceChoice = "auto" | "cpu" | "gpu";

export function deviceChoice({ device = "auto" }: DeviceOptions): DeviceChoice {
  return device === "cpu" || device === "auto" ? device : "gpu";
}

/** CUDA_VISIBLE_DEVICES for it; undefined where it says nothing. */
export function visibleDevices({ device = "auto" }: DeviceOptions): string | undefined {
  return device === "cpu" ? "-1" : /^gpu:(\d+)$/.exec(device)?.[1];
}

/** The variables that the environment lacks: what a cluster's scheduler says of GPUs counts more than a file. */
export function lacking(
  wanted: Readonly<Record<string, string | undefined>>,
  environment: NodeJS.ProcessEnv,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(wanted).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && environment[entry[0]] === undefined,
    ),
  );
}
