/** The device setting of engines that can use a GPU, from the project's config. */
export interface DeviceOptions {
  /** `auto` (the first GPU if there is one), `cpu`, `gpu`, or a GPU by its number: `gpu:1`. */
  readonly device?: string;
}

export type DeviceChoice = "auto" | "cpu" | "gpu";

export function deviceChoice({ device = "auto" }: DeviceOptions): DeviceChoice {
  return device === "cpu" || device === "auto" ? device : "gpu";
}

/** The value for CUDA_VISIBLE_DEVICES; undefined if the variable must not be set. */
export function visibleDevices({ device = "auto" }: DeviceOptions): string | undefined {
  return device === "cpu" ? "-1" : /^gpu:(\d+)$/.exec(device)?.[1];
}

/**
 * The variables that the environment does not set yet, because a cluster scheduler's GPU settings take
 * precedence over a config file.
 */
export function missingVariables(
  variables: Readonly<Record<string, string | undefined>>,
  environment: NodeJS.ProcessEnv,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && environment[entry[0]] === undefined,
    ),
  );
}
