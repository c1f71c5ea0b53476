import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { placedStatus } from "../../runners/slurm/status.js";
import type { SweepStatus } from "../../runners/sweep/ledger.js";
import { findSweeps } from "../../runners/sweep/ledger.js";
import { call, until } from "./cluster.js";

const teacher = `
name: tiny-teacher
architecture: { family: stages, layout: n2uq, stem: { kernel: 3, stride: 2, channels: 4 }, stages: [{ block: basic, channels: 4, blocks: 1 }] }
quantization: { method: none }
data: { dataset: synthetic, synthetic: { trainSize: 640, testSize: 32 } }
training: { steps: 6, batchSize: 8, optimizer: { lr: 1.0e-2 }, schedule: { kind: constant } }
`;
const student = teacher
  .replace("tiny-teacher", "tiny")
  .replace(
    "quantization: { method: none }",
    "quantization: { method: n2uq, bits: 2 }\nteacher: { experiment: ./teacher.yaml }\ninit: { experiment: ./teacher.yaml }",
  )
  .replace("steps: 6", "steps: 200");

/** A cell, and how `n2uq status` shows it. */
export type Seen = SweepStatus["cells"][number];

/** A folder with a tiny student and its teacher, and a separate runs folder. */
export class Project {
  readonly folder: string;
  readonly runs: string;

  constructor(folder: string) {
    this.folder = folder;
    this.runs = join(folder, "runs");
  }

  /** With the teacher's finished run of another project, where one is given. */
  async write(config = "slurm: { partition: low }", from?: Project): Promise<this> {
    await mkdir(this.runs, { recursive: true });
    await writeFile(join(this.folder, "teacher.yaml"), teacher);
    await writeFile(join(this.folder, "student.yaml"), student);
    await writeFile(join(this.folder, "n2uq.config.yaml"), `${config}\n`);
    const done = from === undefined ? [] : await from.names("tiny-teacher-");
    for (const name of done) await cp(join(from!.runs, name), join(this.runs, name), { recursive: true });
    return this;
  }

  sweep(bits: string, ...more: string[]): string[] {
    return ["sweep", "student.yaml", "--grid", `bits=${bits}`, ...more];
  }

  /** The status of the latest sweep, by the values of the cells' axis; the teacher is `shared`. */
  async status(): Promise<Record<string, Seen>> {
    const [sweep] = findSweeps(this.runs, undefined).sweeps.slice(-1);
    const { cells } = await placedStatus(this.runs, sweep?.folder ?? "");
    return Object.fromEntries(cells.map((cell) => [cell.shared ? "shared" : cell.values.bits!, cell]));
  }

  /** Waits until a cell has this status, and returns it. */
  async until(bits: string, what: string, holds: (cell: Seen) => boolean): Promise<Seen> {
    let last: Seen | undefined;
    await until(`${bits}: ${what}`, async () => {
      last = (await this.status().catch(() => undefined))?.[bits];
      return last !== undefined && holds(last);
    }).catch((error: unknown) => {
      throw new Error(`bits=${bits} was never ${what}; at last ${JSON.stringify(last?.status)}`, {
        cause: error,
      });
    });
    return last!;
  }

  /** Waits until a cell has done its first steps; there are many more to come. */
  async untilUnderWay({ directory }: Seen): Promise<void> {
    await until(`${directory} is under way`, () => existsSync(join(this.runs, directory, "metrics.jsonl")));
  }

  /** Events of a kind in a run's log, parsed. */
  async events(name: string, type: string): Promise<Record<string, unknown>[]> {
    const log = await readFile(join(this.runs, name, "events.log"), "utf8").catch(() => "");
    const lines = log.split("\n").filter((line) => line.split(" ")[1] === type);
    return lines.map((line) => JSON.parse(line.slice(line.indexOf("{"))));
  }

  async names(prefix = ""): Promise<string[]> {
    return (await readdir(this.runs))
      .filter((name) => name.startsWith(prefix) && /-[0-9a-f]{8}$/.test(name))
      .sort();
  }

  /** Runs that began from nothing, or ended, other than once. */
  async runTwice(): Promise<string[]> {
    const wrong: string[] = [];
    for (const name of await this.names()) {
      const begun = (await this.events(name, "start")).filter(({ resumedFrom }) => resumedFrom === 0).length;
      const done = (await this.events(name, "done")).length;
      if (begun !== 1 || done !== 1) wrong.push(`${name}: begun ${begun}, done ${done}`);
    }
    return wrong;
  }

  /** Everything of a run that must repeat bit by bit. */
  async outcome(name: string): Promise<unknown> {
    const text = await readFile(join(this.runs, name, "result.json"), "utf8");
    const { timing: _, environment: __, ...result } = JSON.parse(text);
    const best = await readFile(join(this.runs, name, "checkpoints", "best.safetensors"), "base64");
    return { result, best };
  }
}

/**
 * Slurm holds a requeued job for two minutes; this releases it earlier. Not within the second of its end:
 * slurmd, which counts full seconds, would confuse the new job with the ended one and reject it.
 */
export async function beginNow({ status }: Seen): Promise<void> {
  await wait(2000);
  call("scontrol", "update", `JobId=${status.scheduler!.job}`, "StartTime=now");
}
