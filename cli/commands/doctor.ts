import { type DoctorReport, examine } from "../../runners/doctor.js";
import { projectIn } from "../../runners/project.js";
import { listDatasets } from "../../src/data/datasets.js";
import { setEngineOptions } from "../../src/engines/options.js";
import { renderTable } from "../../src/report/table.js";
import { formatBytes } from "../../src/report/units.js";
import { command } from "../command.js";
import { runStage } from "../stages.js";

/** `n2uq doctor`: engines, data sets and versions of this machine, and how to install missing ones. */
export const doctor = command({
  options: {},
  async run(_options, output) {
    // Other commands report a broken config.
    const project = await projectIn().catch(() => null);
    setEngineOptions(project?.config.engines ?? {});
    const report = await runStage("Examine", output, async (live) => {
      const found = await examine((name) => live(`timing a training step on ${name}`));
      return [found, "engines, packages, data sets"];
    });
    const datasets = await listDatasets();
    const here = datasets.map(({ name, cached, bytes }) => [
      name,
      cached ? formatBytes(bytes) : "not fetched yet",
    ]);
    const { n2uq, node, platform, cores, memoryBytes } = report;
    const text = [
      `\nn2uq ${n2uq}, Node ${node}, ${platform}, ${cores} cores, ${formatBytes(memoryBytes)} memory`,
      `\n${enginesTable(report)}`,
      `\n${torchText(report)}`,
      `\n${tensorflowText(report)}`,
      `\n${renderTable(["data set", "cache"], here, [false, false])}`,
      `\n${decoderText(report)}`,
      `\n${packagesTable(report)}`,
    ];
    output.result(text.join("\n"), { ...report, datasets });
    return report.engines.some(({ available }) => available) ? 0 : 3;
  },
});

function enginesTable({ engines }: DoctorReport): string {
  const rows = engines.map(({ name, available, device, version, stepMs, reason, remedy, summary }) =>
    available
      ? [name, `✔ ${version}, ${device}`, `${stepMs?.toFixed(0)} ms`, summary]
      : [name, `✖ ${reason ?? ""}`, "", remedy ?? ""],
  );
  return renderTable(["engine", "state", "one step*", "about"], rows, [false, false, true, false]).concat(
    "\n* one N2UQ W2A2 block of 16 channels, 8 images of 16×16: forward, backward, Adam",
  );
}

function torchText({ torch: { addons, libtorch, compiler, advice } }: DoctorReport): string {
  const rows = addons.map(({ folder, libraries, current, ...answer }) => [
    libraries,
    !answer.works
      ? `✖ ${answer.reason}`
      : current
        ? `✔ ${answer.version}${needsText(answer.needs)}`
        : "✖ built by another version of n2uq",
    folder,
  ]);
  const found =
    libtorch === null
      ? []
      : [
          `libtorch ${libtorch.version} ${libtorch.cuda ? "with" : "without"} CUDA is in ${libtorch.libraries} (${libtorch.source}).`,
          `The C++ compiler is ${compiler ?? "not installed"}.`,
        ];
  const table = renderTable(["libtorch", "state", "folder"], rows, [false, false, false]);
  return [table, ...found, ...advice].join("\n");
}

/** ` with ONEDNN_MAX_CPU_ISA=AVX2, without which it computes convolutions wrongly` */
function needsText(needs: Readonly<Record<string, string>> = {}): string {
  const set = Object.entries(needs).map(([name, value]) => `${name}=${value}`);
  return set.length === 0 ? "" : ` with ${set.join(" ")}, without which it computes convolutions wrongly`;
}

function tensorflowText({ tensorflow: { libraries, cuda, advice } }: DoctorReport): string {
  const rows = libraries.map((library) => [
    library.variant === "gpu" ? "GPU build" : "CPU build",
    library.works ? `✔ ${library.version} on the ${library.gpu ? "GPU" : "CPU"}` : `✖ ${library.reason}`,
    library.folder,
  ]);
  const gpus = cuda.gpus.length === 0 ? "" : `: ${cuda.gpus.join(", ")}`;
  const found = cuda.libraries.filter(({ file }) => file !== null).map(({ name }) => name);
  return [
    renderTable(["libtensorflow", "state", "folder"], rows, [false, false, false]),
    ...(cuda.driver === null ? [] : [`NVIDIA driver ${cuda.driver}${gpus}`]),
    ...(cuda.driver === null && found.length === 0
      ? []
      : [`CUDA 11 and cuDNN 8: ${found.join(", ") || "none found"}`]),
    ...advice,
  ].join("\n");
}

function decoderText({ turboJpeg }: DoctorReport): string {
  return "file" in turboJpeg
    ? `JPEGs are decoded by TurboJPEG: ${turboJpeg.file}`
    : `JPEGs are decoded by sharp (slower, without decode: scaled); TurboJPEG: ${turboJpeg.reason}`;
}

function packagesTable({ packages }: DoctorReport): string {
  const rows = packages.map(({ name, version, purpose }) => [
    name,
    version ?? "not installed",
    purpose === undefined ? "" : `optional; ${purpose}`,
  ]);
  return renderTable(["package", "version", ""], rows, [false, false, false]);
}
