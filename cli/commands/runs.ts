import { basename } from "node:path";
import { listRuns, removeRun } from "../../runners/runs.js";
import { N2uqError } from "../../src/errors.js";
import { renderTable } from "../../src/report/table.js";
import { formatBits, formatBytes, formatCount, formatPercent } from "../../src/report/units.js";
import { deadWords } from "../../src/runs/deadLayers.js";
import type { RunStatus } from "../../src/runs/state.js";
import { command, flag } from "../command.js";
import { choosingOptions, openFolders, runsOptions } from "../options.js";

/** `n2uq runs`: lists, filters, sorts and removes run directories. */
export const runs = command({
  options: {
    ...choosingOptions,
    remove: flag("remove the runs that are listed"),
    rehash: flag("rename the runs of an older version to this version's hashes"),
    yes: flag("confirm the removal"),
    ...runsOptions,
  },
  examples: ["runs --where method=n2uq,bits=2 --sort top1", "runs tiny- --remove --yes"],
  async run(options, output, names: readonly string[]) {
    const { runs: folder, models, project, cwd } = await openFolders(options);
    if (options.rehash === true) {
      // Loaded here because rehashing resolves experiments, which listing does not need.
      const { rehashRuns } = await import("../../runners/rehash.js");
      const { moved, kept } = await rehashRuns(folder, models, { project, cwd });
      const lines = [
        ...moved.map(({ from, to }) => `${from} → ${to}`),
        ...kept.map(({ directory, reason }) => `${directory} is unchanged: ${reason}`),
        `${moved.length} run directories have new hashes`,
      ];
      output.result(lines.join("\n"), { moved, kept });
      return;
    }
    const found = listRuns(folder, { ...options, names });
    if (options.remove !== true) {
      output.result(found.length === 0 ? "no such run" : tableOf(found), found.map(toJson));
      const damaged = found.filter(({ problem }) => problem !== undefined).length;
      if (damaged > 0)
        output.line(
          `\n${damaged === 1 ? "1 run has a damaged file" : `${damaged} runs have a damaged file`}.`,
        );
      return;
    }
    if (options.yes !== true) {
      const shown = found.map(({ directory }) => basename(directory)).join(", ");
      throw new N2uqError("N2UQ_CLI_NOT_CONFIRMED", { count: found.length, shown: shown || "none" });
    }
    for (const run of found) await removeRun(run);
    output.result(`removed ${found.length} runs`, found.map(toJson));
  },
});

function tableOf(found: readonly RunStatus[]): string {
  const rows = found.map(({ directory, state, record, problem, failure }) => [
    basename(directory),
    state,
    record?.architecture ?? "",
    record === undefined ? "" : record.bits === null ? "full precision" : record.method,
    record === undefined ? "" : formatBits(record.bits),
    record === undefined ? "" : String(record.seed),
    record === undefined ? "" : formatPercent(record.best.top1),
    record === undefined ? "" : formatBytes(record.totals.packedBytes),
    record === undefined ? "" : formatCount(record.totals.bitOps),
    problem ?? failure?.message ?? (record === undefined ? "" : deadWords(record)),
  ]);
  const head = ["run", "state", "network", "method", "bits", "seed", "top-1", "size", "BitOPs", ""];
  return renderTable(head, rows, [false, false, false, false, true, true, true, true, true, false]);
}

function toJson({ directory, name, state, record, problem, failure }: RunStatus): unknown {
  return {
    run: basename(directory),
    name,
    state,
    method: record?.method ?? null,
    bits: record?.bits ?? null,
    seed: record?.seed ?? null,
    top1: record?.best.top1 ?? null,
    hash: record?.hash ?? null,
    deadLayers: record?.deadLayers ?? null,
    problem: problem ?? failure?.message ?? null,
  };
}
