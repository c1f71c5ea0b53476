import { existsSync } from "node:fs";
import { relative } from "node:path";
import { placedFile } from "../../runners/weights.js";
import { fileUnwritten } from "../../runners/writing.js";
import { N2uqError } from "../../src/errors.js";
import { closest } from "../../src/graph/closest.js";
import { renderTable } from "../../src/report/table.js";
import { formatBytes } from "../../src/report/units.js";
import { userPath } from "../../src/userPath.js";
import { convertWeights } from "../../src/weights/convert.js";
import { openWeights } from "../../src/weights/open.js";
import { placed } from "../../src/weights/placed.js";
import { pull as pullSource } from "../../src/weights/pull.js";
import { findSource, isSourceName, sources, type WeightsSource } from "../../src/weights/sources.js";
import { command, flag, integer, text } from "../command.js";
import { openFolders } from "../options.js";
import { bar } from "../progress.js";
import { abortOnSignals } from "../signals.js";
import { runStages } from "../stages.js";
import { inspectionJson, inspectionText } from "../weightsText.js";

/** Selects one of several state dicts in a file. */
export const keyOptions = {
  key: text("<name>", "the state dict to use if the file has several, such as ema.state_dict"),
};

const FORCE = "Choose another file, or overwrite it with `--force`.";

/** `n2uq weights list`: every named source, and whether its file is in the models folder. */
export const list = command({
  options: {},
  async run(_options, output) {
    const { models } = await openFolders({});
    const all = await Promise.all(
      sources.map(async (source) => ({ ...source, here: await placed(models, source.name) })),
    );
    const rows = all.map(({ name, here, url, bytes, sha256, summary }) => [
      name,
      here === null ? (url === undefined ? "by hand" : "") : relative(process.cwd(), here),
      bytes === undefined ? "" : formatBytes(bytes),
      sha256 === undefined ? "" : `${sha256.slice(0, 8)}…`,
      summary,
    ]);
    output.result(
      renderTable(["weights", "here", "size", "sha256", "what"], rows, [false, false, true, false, false]),
      all,
    );
  },
});

/** `n2uq weights inspect FILE|NAME`. */
export const inspect = command({
  options: keyOptions,
  examples: ["weights inspect checkpoint.pth.tar", "weights inspect torchvision:resnet18 --json"],
  async run({ key }, output, what: string) {
    const weights = await openWeights(await fileOf(what), { key });
    await weights.close();
    output.result(inspectionText(weights), inspectionJson(weights));
  },
});

/** `n2uq weights convert IN OUT`. */
export const convert = command({
  options: { ...keyOptions, force: flag("overwrite an existing file") },
  examples: ["weights convert checkpoint.pth.tar resnet18.safetensors --key state_dict"],
  async run({ key, force = false }, output, from: string, to: string) {
    const [source, target] = [await fileOf(from), userPath(to)];
    if (!force && existsSync(target))
      throw new N2uqError("N2UQ_CLI_FILE_EXISTS", { file: to }, { hint: FORCE });
    const { tensors, bytes, ...rest } = await convertWeights(source, target, { key }).catch((cause) => {
      const isDisk = typeof (cause as NodeJS.ErrnoException).syscall === "string";
      throw cause instanceof N2uqError || !isDisk ? cause : fileUnwritten(to, cause);
    });
    const where = rest.key === "" ? "" : ` · from ${JSON.stringify(rest.key)}`;
    const without = rest.prefix === "" ? "" : ` · names without ${rest.prefix}`;
    const text = `${to}: ${tensors} tensors, ${formatBytes(bytes)}${where}${without}`;
    output.result(text, { file: target, tensors, bytes, ...rest });
  },
});

/** `n2uq weights pull NAME…`. */
export const pull = command({
  options: {
    from: text("<url>", "download from this URL instead; a URL with a slash at its end is a folder"),
    maxBytes: integer("<count>", "maximum bytes of a file of unknown size (default: 4000000000)", 1, 2 ** 50),
  },
  examples: ["weights pull torchvision:resnet101", "weights pull n2uq:resnet18 --from https://mirror/files/"],
  async run({ from, maxBytes }, output, names: readonly string[]) {
    const { models } = await openFolders({});
    const sources = names.map(sourceOf);
    if (from !== undefined && !from.endsWith("/") && sources.length > 1)
      throw new N2uqError("N2UQ_WEIGHTS_ONE_ADDRESS", { count: sources.length });
    const signal = abortOnSignals(() => output.line("stopping"));
    const pulled: unknown[] = [];
    const stages = sources.map((source) => ({
      title: source.name,
      run: async (live: (text: string) => void) => {
        const onProgress = progress(live);
        const done = await pullSource(source, models, { from, signal, onProgress, maxBytes });
        pulled.push({ name: source.name, ...done });
        return `${relative(process.cwd(), done.file)}${done.here ? " exists" : ""}, ${checked(source, done.sha256)}`;
      },
    }));
    await runStages(stages, output);
    if (output.mode === "json") output.json(pulled);
  },
});

function progress(live: (text: string) => void) {
  const started = { at: performance.now(), bytes: -1 };
  return ({ done, total }: { done: number; total: number | null }): void => {
    if (started.bytes < 0) started.bytes = done;
    const seconds = Math.max(0.5, (performance.now() - started.at) / 1000);
    const pace = `${formatBytes(Math.round((done - started.bytes) / seconds))}/s`;
    live(
      total === null
        ? `${formatBytes(done)} · ${pace}`
        : `${bar(done, total)} ${formatBytes(done)} of ${formatBytes(total)} · ${pace}`,
    );
  };
}

/** Which part of a source's checksum was compared with the file. */
export function checked({ sha256 }: Pick<WeightsSource, "sha256">, found: string): string {
  if (sha256 === undefined) return found === "" ? "not checked" : "no checksum is known";
  if (found === "") return "your own file, not checked";
  return sha256.length < 64 ? `sha256 begins with ${sha256}, as expected` : "sha256 matches";
}

function sourceOf(name: string): WeightsSource {
  const source = findSource(name);
  if (source !== undefined) return source;
  const names = sources.map((one) => one.name);
  throw new N2uqError("N2UQ_WEIGHTS_UNKNOWN_SOURCE", { name, close: closest(name, names, 3).join(", ") });
}

/** A path, or the file of a named source. */
export async function fileOf(what: string): Promise<string> {
  if (isSourceName(what) && !existsSync(userPath(what))) sourceOf(what);
  else return userPath(what);
  const { models } = await openFolders({});
  return placedFile(models, what);
}
