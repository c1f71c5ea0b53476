import { relative } from "node:path";
import { Listr } from "listr2";
import type { SweepEvent } from "../runners/sweep/placement.js";
import type { SweepPlan } from "../runners/sweep/sweep.js";
import { formatDuration, formatPercent } from "../src/report/units.js";
import type { TrainEvent } from "../src/runs/events.js";
import type { Output } from "./output.js";
import { bar, progressText } from "./progress.js";
import { label } from "./sweepText.js";

/**
 * The remaining time is shown when this fraction of all steps was done since the (re)start; an earlier
 * estimate would be inaccurate.
 */
const LEAST_SHARE = 0.01;
const INDENT = 6;

type CellOf = SweepEvent["cell"];

/** Progress of a sweep: live bars in a terminal, one line per event elsewhere, JSON events with --json. */
export class SweepView {
  readonly #output: Output;
  readonly #total: number;
  readonly #started = Date.now();
  readonly #running = new Map<string, { cell: CellOf; text: string; step: number }>();
  readonly #steps: { readonly total: number; done: number; sitting: number };
  #finished: number;
  #failed = 0;
  #live: ((text: string) => void) | null = null;

  constructor({ cells }: SweepPlan, output: Output) {
    this.#output = output;
    this.#total = cells.length;
    this.#finished = 0;
    this.#steps = { total: cells.reduce((sum, { steps }) => sum + steps, 0), done: 0, sitting: 0 };
  }

  async during<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#output.mode !== "terminal") return work();
    const found: { value?: Value } = {};
    const task = {
      title: "Sweep",
      task: async (_context: unknown, own: { title: string; output: string }) => {
        this.#live = (text) => {
          own.title = this.#totalText();
          own.output = text;
        };
        found.value = await work();
        own.title = this.#totalText();
      },
    };
    const rendererOptions = { showErrorMessage: false, collapseErrors: false } as const;
    await new Listr([task], { renderer: "default", rendererOptions, registerSignalListeners: false }).run();
    this.#live = null;
    return found.value as Value;
  }

  stopping(text = "stopping after these steps, with checkpoints; press again to stop at once"): void {
    if (this.#live === null) this.#output.line(text);
    else this.#live(text);
  }

  hear(event: SweepEvent): void {
    const { cell, ...rest } = event;
    this.#output.event({ ...rest, hash: cell.hash, name: cell.name, values: cell.values });
    if (event.type === "progress") this.#progress(event.cell, event.event);
    else this.#change(event);
    this.#live?.(
      [...this.#running.values()].map(({ cell, text }) => line(`${named(cell)}  ${text}`)).join("\n"),
    );
  }

  #progress(cell: CellOf, event: TrainEvent): void {
    const entry = this.#running.get(cell.hash);
    const text = progressText(event);
    if (entry === undefined || text === null) return;
    entry.text = text;
    if (event.type !== "step") return;
    if (entry.step > 0) this.#steps.sitting += event.step - entry.step;
    entry.step = event.step;
  }

  #change(event: Exclude<SweepEvent, { type: "progress" }>): void {
    const { cell, type } = event;
    if (type === "started") {
      this.#running.set(cell.hash, { cell, text: "starting", step: 0 });
      this.#say(`▶ ${named(cell)}${event.attempt > 1 ? ` (try ${event.attempt})` : ""}`);
      return;
    }
    if (type === "elsewhere") {
      this.#running.set(cell.hash, { cell, text: "runs in another process; waiting for it", step: 0 });
      this.#say(`… ${named(cell)} runs in another process; waiting for it`);
      return;
    }
    this.#running.delete(cell.hash);
    if (type === "done") {
      this.#finished += 1;
      this.#steps.done += cell.steps;
      const before = event.cached ? " (done before)" : "";
      this.#say(
        `✔ ${named(cell)}: top-1 ${formatPercent(event.record.best.top1)}${before} · ${this.#totalText()}`,
      );
    } else if (type === "failed") {
      if (!event.retried) this.#failed += 1;
      const next = event.retried ? "; retrying" : "";
      const log = relative(process.cwd(), event.log);
      this.#shout(`✖ ${named(cell)}: ${event.message}${next}\n  log: ${log}`);
    } else if (type === "blocked") {
      this.#failed += 1;
      this.#shout(
        `✖ ${named(cell)}: not started, because ${event.by.slice(0, 8)} failed and it depends on it`,
      );
    } else this.#say(`‖ ${named(cell)}: ${type === "cancelled" ? "cancelled" : "checkpoint written"}`);
  }

  /** Prints a line, unless a live list is shown. */
  #say(text: string): void {
    if (this.#live === null) this.#output.line(text);
  }

  /** Prints a line to standard error, except with --json. */
  #shout(text: string): void {
    if (this.#output.mode !== "json") this.#output.error(text);
  }

  #totalText(): string {
    const share = `${bar(this.#finished, this.#total)} ${this.#finished}/${this.#total} runs`;
    const failed = this.#failed > 0 ? ` · ${this.#failed} failed` : "";
    const { total, done, sitting } = this.#steps;
    const inside = [...this.#running.values()].reduce((sum, { step }) => sum + step, 0);
    const seconds = (Date.now() - this.#started) / 1000;
    const left = sitting > LEAST_SHARE * total ? ((total - done - inside) / sitting) * seconds : Number.NaN;
    return `${share}${failed}${Number.isFinite(left) && left > 0 ? ` · ${formatDuration(left)} left` : ""}`;
  }
}

/** Truncates to the terminal's width, so that each cell has one line. */
function line(text: string): string {
  const width = (process.stdout.columns ?? 80) - INDENT;
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

function named({ name, hash, values, shared }: CellOf): string {
  return [name, label(values), shared ? "(shared)" : "", hash.slice(0, 8)]
    .filter((part) => part !== "")
    .join(" ");
}
