import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { median } from "./measure.js";

/** A process that runs one training step per line on its standard input. */
export interface Side {
  /** Its properties: threads, device (`cpu` or `cuda`), library. */
  readonly threads: number;
  readonly device: string;
  readonly library: string;
  step(): Promise<{ ms: number; loss: number }>;
  /** Its maximum memory so far, in MB. */
  peakMb(): number;
  end(): void;
}

/** Measurements of one side. */
export interface Figures {
  readonly times: readonly number[];
  readonly peakMb: number;
  /** Losses of the first and the last step. */
  readonly losses: readonly [number, number];
  readonly device: string;
}

/**
 * Pause between the sides: idle threads spin for a shorter time, so they do not disturb the other process.
 */
const PAUSE_MS = 100;

/** Starts a process that prints `ready THREADS DEVICE LIBRARY` and then `MILLISECONDS LOSS` for each line. */
export async function startSide(command: string, args: string[], env: NodeJS.ProcessEnv): Promise<Side> {
  const child = spawn(command, args, { env, stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise<never>((_, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => reject(new Error(`it ended with ${signal ?? code}`)));
  });
  ended.catch(() => {});
  child.stdin.on("error", () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { done, value } = await lines.next();
    return done === true ? ended : value.split(" ");
  };
  const [ready, threads, device = "", ...library] = await Promise.race([next(), ended]);
  if (ready !== "ready") throw new Error(`it began with ${ready}`);
  return {
    threads: Number(threads),
    device,
    library: library.join(" "),
    async step() {
      child.stdin.write("step\n");
      const [ms, loss] = (await next()).map(Number);
      return { ms: ms ?? Number.NaN, loss: loss ?? Number.NaN };
    },
    peakMb: () => peakOf(child.pid),
    end: () => child.kill(),
  };
}

/**
 * Runs `rounds` steps of each side after a warm-up step. The sides alternate, so that a temporary slowdown of
 * the machine affects both.
 */
export async function inTurns(sides: readonly Side[], rounds: number): Promise<Figures[]> {
  const steps: { ms: number; loss: number }[][] = sides.map(() => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [index, side] of sides.entries()) {
      steps[index]?.push(await side.step());
      await sleep(PAUSE_MS);
    }
  }
  return sides.map((side, index) => ({
    times: (steps[index] ?? []).slice(1).map(({ ms }) => ms),
    peakMb: side.peakMb(),
    device: side.device,
    losses: [steps[index]?.at(0)?.loss ?? Number.NaN, steps[index]?.at(-1)?.loss ?? Number.NaN],
  }));
}

/** The median over the rounds of `b`'s time divided by `a`'s. */
export function ratioOf(a: Figures, b: Figures): number {
  return median(b.times.map((ms, round) => ms / (a.times[round] ?? Number.NaN)));
}

function peakOf(pid: number | undefined): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return (Number(kilobytes) * 1024) / 1e6;
}
