import type { Installed, InstallRequest } from "../../../runners/tensorflow/install.js";
import { installTensorflow, removeTensorflow } from "../../../runners/tensorflow/install.js";
import { loadProject } from "../../config/project.js";
import { describeEngines } from "../../engines/engines.js";
import { setEngineOptions } from "../../engines/options.js";
import { N2uqError } from "../../errors.js";
import { renderTable } from "../../report/table.js";
import { formatBytes } from "../../report/units.js";
import type { Output } from "../output.js";
import { runStages } from "../stages.js";

export interface InstallOptions {
  readonly from?: string;
  readonly force?: boolean;
  readonly source?: "package" | "registry";
}

/** `n2uq engine list`: in the order of preference when none is asked for. */
export async function list(output: Output): Promise<void> {
  await useProject();
  const all = await describeEngines();
  const rows = all.map(({ name, available, gpu, reason, remedy, summary }) =>
    available
      ? [name, gpu === true ? "✔ GPU" : "✔", summary]
      : [name, `✖ ${reason ?? ""}`, remedy ?? summary],
  );
  output.result(renderTable(["engine", "state", "about"], rows, [false, false, false]), all);
}

/** `n2uq engine install NAME`. */
export async function install(name: string, options: InstallOptions, output: Output): Promise<void> {
  checked(name);
  await useProject();
  const done: { installed?: Installed } = {};
  const stage = {
    title: `Install ${name}`,
    run: async (live: (text: string) => void) => {
      done.installed = await installTensorflow({
        ...requestOf(options),
        onProgress: live,
        onBytes: (bytes, total) =>
          live(`${formatBytes(Math.min(bytes, total))} of about ${formatBytes(total)}`),
      });
      return sentence(done.installed);
    },
  };
  await runStages([stage], output);
  if (output.mode === "json") output.json(done.installed);
}

/** `n2uq engine remove NAME`. */
export async function remove(name: string, output: Output): Promise<void> {
  checked(name);
  const removed = await removeTensorflow();
  output.result(removed ? `${name} is removed` : `${name} was not installed`, { name, removed });
}

function requestOf({ from, force, source }: InstallOptions): InstallRequest {
  return {
    ...(from !== undefined && { from }),
    ...(force !== undefined && { force }),
    ...(source !== undefined && { sources: [source] }),
  };
}

function sentence({ version, gpu, folder, source }: Installed): string {
  const what = `libtensorflow ${version} (${gpu ? "GPU" : "CPU"})`;
  return source === "here" ? `${what} works already, in ${folder}` : `${what} from ${source}, in ${folder}`;
}

async function useProject(): Promise<void> {
  setEngineOptions((await loadProject()).config.engines ?? {});
}

function checked(name: string): void {
  if (name !== "tensorflow") throw new N2uqError("N2UQ_ENGINE_NOT_INSTALLABLE", { name });
}
