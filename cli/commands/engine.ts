import { projectIn } from "../../runners/project.js";
import { describeEngines } from "../../src/engines/engines.js";
import { checkEnginesFolder } from "../../src/engines/folder.js";
import { setEngineOptions } from "../../src/engines/options.js";
import type { Installed } from "../../src/engines/tensorflow/install/install.js";
import { installTensorflow, removeTensorflow } from "../../src/engines/tensorflow/install/install.js";
import type { InstalledTorch } from "../../src/engines/torch/install/install.js";
import { installTorch, planTorch, removeTorch } from "../../src/engines/torch/install/install.js";
import { N2uqError } from "../../src/errors.js";
import { renderTable } from "../../src/report/table.js";
import { formatBytes } from "../../src/report/units.js";
import { choice, command, flag, text, type Values } from "../command.js";
import { runStage, runStages } from "../stages.js";

const installOptions = {
  from: text("<path>", "a downloaded tfjs-node folder or tarball of the npm archive"),
  force: flag("reinstall a working library"),
  source: choice("<way>", "use only this source", ["package", "registry"], { conflicts: "from" }),
  libtorch: text("<folder>", "the libtorch folder (with include and lib) to build torch for"),
};

type InstallOptions = Values<typeof installOptions>;

/** `n2uq engine list`: in the default order of preference. */
export const list = command({
  options: {},
  async run(_options, output) {
    await useProject();
    const all = await describeEngines();
    const rows = all.map(({ name, available, gpu, reason, remedy, summary }) =>
      available
        ? [name, gpu === true ? "✔ GPU" : "✔", summary]
        : [name, `✖ ${reason ?? ""}`, remedy ?? summary],
    );
    output.result(renderTable(["engine", "state", "about"], rows, [false, false, false]), all);
  },
});

/** `n2uq engine install NAME`. */
export const install = command({
  options: installOptions,
  examples: [
    "engine install torch",
    "engine install torch --libtorch ./libtorch",
    "engine install tensorflow",
    "engine install tensorflow --source registry",
    "engine install tensorflow --from ./tfjs-node-lambda-releases-1.6.1.tgz",
  ],
  async run(options, output, name: string) {
    const { planned, installed } = installable(name);
    checkEnginesFolder();
    await useProject();
    if (planned) await runStages([{ title: `Plan ${name}`, run: () => planned(options) }], output);
    const result = await runStage(`Install ${name}`, output, (live) => installed(options, live));
    if (output.mode === "json") output.json(result);
  },
});

/** `n2uq engine remove NAME`. */
export const remove = command({
  options: {},
  async run(_options, output, name: string) {
    const removed = await installable(name).removed();
    output.result(removed ? `${name} is removed` : `${name} was not installed`, { name, removed });
  },
});

interface Installable {
  /** Describes what the installation does and needs. */
  planned?(options: InstallOptions): Promise<string>;
  installed(options: InstallOptions, live: (text: string) => void): Promise<Done>;
  removed(): Promise<boolean>;
}

type Done = readonly [result: Installed | InstalledTorch, said: string];

const installables: Readonly<Record<string, Installable>> = {
  tensorflow: {
    async installed(options, live) {
      const onBytes = (bytes: number, total: number) =>
        live(`${formatBytes(Math.min(bytes, total))} of about ${formatBytes(total)}`);
      const sources = options.source && [options.source];
      const result = await installTensorflow({ ...options, sources, onProgress: live, onBytes });
      return [result, sentence(result)];
    },
    removed: removeTensorflow,
  },
  torch: {
    planned: (options) => planTorch(options),
    async installed(options, live) {
      const result = await installTorch({ ...options, onProgress: live });
      return [result, torchSentence(result)];
    },
    removed: removeTorch,
  },
};

function torchSentence({ version, folder, source }: InstalledTorch): string {
  const where = source === "here" ? "works already" : `of ${source}`;
  return `libtorch ${version} ${where}, the addon is in ${folder}`;
}

function sentence({ version, gpu, folder, source }: Installed): string {
  const what = `libtensorflow ${version} (${gpu ? "GPU" : "CPU"})`;
  return source === "here" ? `${what} works already, in ${folder}` : `${what} from ${source}, in ${folder}`;
}

async function useProject(): Promise<void> {
  setEngineOptions((await projectIn()).config.engines ?? {});
}

function installable(name: string): Installable {
  const found = Object.hasOwn(installables, name) ? installables[name] : undefined;
  if (found === undefined) throw new N2uqError("N2UQ_ENGINE_NOT_INSTALLABLE", { name });
  return found;
}
