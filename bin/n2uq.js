#!/usr/bin/env node
import { availableParallelism } from "node:os";

// The pool that decodes images and reads files has four threads unless it is told before its first use.
process.env.UV_THREADPOOL_SIZE ??= String(Math.max(4, Math.min(32, availableParallelism() + 2)));
try {
  const { guardProcess } = await import("../dist/cli/guard.js");
  guardProcess(process.argv);
  const { main } = await import("../dist/cli/main.js");
  process.exitCode = await main(process.argv);
} catch (error) {
  // Not even the files that tell errors could be opened.
  process.stderr.write(`error[N2UQ_MACHINE_LIMIT]: n2uq can't be started: ${error?.message}\n`);
  process.exitCode = 3;
}
