import { existsSync } from "node:fs";
import { join } from "node:path";
import { N2uqError } from "../../src/errors.js";
import type { Restored } from "../../src/runs/record.js";
import { readRunFile } from "../../src/runs/runFiles.js";
import type * as file from "../../src/schema/generated/run.js";
import { writeAtomic } from "../../src/weights/atomic.js";

/** `runs/sweeps/<sweep>/slurm.json`: a sweep's submissions to Slurm; entries are never removed. */
export type JobBook = Restored<file.JobBook>;

/**
 * One submitted job array. Its name is unique: by it the job is found even if its client died before receiving
 * the id.
 */
export type Submission = JobBook["submissions"][number];

/** An array element: one cell in Slurm. */
export interface Element {
  readonly submission: Submission;
  readonly index: number;
  /** The file to which its script writes status entries. */
  readonly journal: string;
}

const FILE = "slurm.json";

/** The files of a sweep's nth submission, counted from 1. */
export function filesOf(folder: string, n: number) {
  const base = join(folder, `job-${n}`);
  return { script: `${base}.sh`, list: `${base}.txt`, log: `${base}.log`, journals: base };
}

/** Whether any part of a sweep was ever submitted to Slurm. */
export function wasPlaced(folder: string): boolean {
  return existsSync(join(folder, FILE));
}

/** Null for a sweep that was never submitted to Slurm. @throws N2uqError N2UQ_SLURM_BOOK_DAMAGED */
export function readJobs(folder: string): JobBook | null {
  const file = join(folder, FILE);
  const read = readRunFile(file, "jobBook");
  if (read.state === "absent") return null;
  if (read.state === "read") return read.value;
  throw new N2uqError("N2UQ_SLURM_BOOK_DAMAGED", { file, reason: read.reason });
}

export async function writeJobs(folder: string, submissions: readonly Submission[]): Promise<void> {
  const book: JobBook = { format: 1, submissions };
  await writeAtomic(join(folder, FILE), [`${JSON.stringify(book, null, 1)}\n`]);
}

/** The last element of each cell, by hash. */
export function elementsOf(folder: string, { submissions }: JobBook): Map<string, Element> {
  const found = new Map<string, Element>();
  for (const [n, submission] of submissions.entries()) {
    const { journals } = filesOf(folder, n + 1);
    for (const [index, hash] of submission.cells.entries())
      found.set(hash, { submission, index, journal: join(journals, String(index)) });
  }
  return found;
}
