import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { N2uqError } from "../../src/errors.js";
import { makeFolder } from "../../src/folders.js";
import { lockRun } from "../../src/runs/lock.js";
import { statusOf } from "../../src/runs/state.js";
import type { Placement } from "../sweep/placement.js";
import { arraysOf, type JobArray } from "./arrays.js";
import { slurmCommand } from "./client.js";
import type { Element, JobBook, Submission } from "./jobs.js";
import { elementsOf, filesOf, readJobs, writeJobs } from "./jobs.js";
import { merged } from "./merge.js";
import { resourceArguments, type SlurmOptions } from "./options.js";
import { checkSlurmPath } from "./paths.js";
import { lastNoted, readQueue, wordOf } from "./queue.js";
import { batchScript } from "./script.js";

/**
 * Submits to Slurm every cell that is neither done nor queued: shared cells first, then the others, which
 * Slurm starts after them. If two clients submit at the same time, the second one is rejected. @throws
 * N2uqError N2UQ_SLURM_*, N2UQ_RUN_LOCKED
 */
export async function submit(placement: Placement, options: SlurmOptions): Promise<readonly Submission[]> {
  checkSlurmPath(placement.folder);
  checkSlurmPath(placement.models);
  const lock = await lockRun(placement.folder);
  try {
    return await submitLocked(placement, options);
  } finally {
    await lock.release();
  }
}

async function submitLocked(placement: Placement, options: SlurmOptions): Promise<readonly Submission[]> {
  const { folder, runs, cells } = placement;
  const book: JobBook = readJobs(folder) ?? { format: 1, submissions: [] };
  const queue = await readQueue(book.submissions);
  const live = new Map<string, string>();
  const elements = elementsOf(folder, book);
  const open = cells.filter((cell) => {
    const status = statusOf(join(runs, cell.directory));
    if (status.state === "done") return false;
    const element = elements.get(cell.hash);
    const job = element === undefined ? undefined : liveJob(status, element, queue);
    if (job !== undefined) live.set(cell.hash, job);
    return job === undefined;
  });
  const all = [...book.submissions];
  let before: string[] = [];
  for (const level of arraysOf(open)) {
    const jobs: string[] = [];
    for (const array of level) {
      const waiting = array.cells.flatMap(({ needs }) => needs.flatMap((hash) => live.get(hash) ?? []));
      const after = [...new Set([...before, ...waiting])];
      jobs.push(await submitArray(array, { placement, options, all, after }));
    }
    before = jobs;
  }
  return all.slice(book.submissions.length);
}

function liveJob(
  status: ReturnType<typeof statusOf>,
  element: Element,
  queue: Awaited<ReturnType<typeof readQueue>>,
): string | undefined {
  const { scheduler } = merged(status, element, wordOf(queue, element), lastNoted(element));
  return scheduler?.live === true ? scheduler.job : undefined;
}

interface Context {
  readonly placement: Placement;
  readonly options: SlurmOptions;
  /** All submissions of the sweep, to which the new one is added. */
  readonly all: Submission[];
  readonly after: readonly string[];
}

/** The submission is recorded before and after: if a client dies in between, its job is found by name. */
async function submitArray(
  { cells, nodes }: JobArray,
  { placement, options, all, after }: Context,
): Promise<string> {
  const { folder, runs, models, retries } = placement;
  const n = all.length + 1;
  const { script, list, log, journals } = filesOf(folder, n);
  makeFolder(journals);
  await writeFile(list, cells.map(({ directory }) => `${directory}\n`).join(""));
  const setup = options.resources.setup ?? [];
  await writeFile(script, batchScript({ runs, models, list, journals, retries, setup }));
  const submission: Submission = {
    name: `n2uq-${basename(folder)}-${n}-${randomBytes(4).toString("hex")}`,
    job: null,
    user: process.getuid?.() ?? 0,
    submitted: new Date().toISOString(),
    after,
    cells: cells.map(({ hash }) => hash),
  };
  await writeJobs(folder, [...all, submission]);
  const limit = options.jobs === undefined ? "" : `%${options.jobs}`;
  const args = [
    "--parsable",
    `--job-name=${submission.name}`,
    `--array=0-${cells.length - 1}${limit}`,
    ...(after.length > 0 ? [`--dependency=afterok:${after.join(":")}`, "--kill-on-invalid-dep=yes"] : []),
    "--requeue",
    "--open-mode=append",
    // In this option `%j` is the job's number and `%%` a percent sign.
    `--output=${log.replaceAll("%", "%%")}`,
    `--chdir=${runs}`,
    // The cell itself is one task on the first node; it starts the tasks on the other nodes.
    ...(nodes === 1 ? [] : [`--nodes=${nodes}`, "--ntasks-per-node=1"]),
    ...resourceArguments(options.resources),
    script,
  ];
  const stdout = await slurmCommand("sbatch", args).catch(async (error: unknown) => {
    // If the answer was lost, the job may exist all the same.
    const lost = error instanceof N2uqError && error.code === "N2UQ_SLURM_UNREACHABLE";
    if (!lost) await writeJobs(folder, all);
    throw error;
  });
  const job = stdout.trim().split(";")[0] ?? "";
  const made = { ...submission, job };
  all.push(made);
  await writeJobs(folder, all);
  options.onSubmitted(made);
  return job;
}
