import { Listr } from "listr2";
import type { Output } from "./output.js";

/** One stage of a command. `run` reports progress text and returns the final text. */
export interface Stage {
  readonly title: string;
  run(live: (text: string) => void): Promise<string>;
}

const LINE_EVERY_MS = 15_000;

/**
 * Runs stages in sequence: a live list in a terminal, plain lines elsewhere, no output with --json and
 * --quiet.
 */
export async function runStages(stages: readonly Stage[], output: Output): Promise<void> {
  if (output.mode === "terminal") return runLive(stages);
  for (const { title, run } of stages) {
    let last = Date.now();
    const live = (text: string): void => {
      if (Date.now() - last < LINE_EVERY_MS) return;
      last = Date.now();
      output.line(`  ${title}: ${text}`);
    };
    const done = await run(live);
    output.line(`${title}: ${done}`);
  }
}

/** Runs one stage and returns its value; `work` returns the value and the final text. */
export async function runStage<Value>(
  title: string,
  output: Output,
  work: (live: (text: string) => void) => Promise<readonly [Value, string]>,
): Promise<Value> {
  const values: Value[] = [];
  const run: Stage["run"] = async (live) => {
    const [value, text] = await work(live);
    values.push(value);
    return text;
  };
  await runStages([{ title, run }], output);
  return values[0] as Value;
}

async function runLive(stages: readonly Stage[]): Promise<void> {
  const tasks = stages.map(({ title, run }) => ({
    title,
    task: async (_context: unknown, task: { title: string; output: string }) => {
      const done = await run((text) => {
        task.output = text;
      });
      task.title = `${title}: ${done}`;
    },
  }));
  const rendererOptions = { showErrorMessage: false, collapseErrors: false } as const;
  await new Listr(tasks, { renderer: "default", rendererOptions, registerSignalListeners: false }).run();
}
