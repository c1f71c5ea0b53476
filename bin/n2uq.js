#!/usr/bin/env node
import { availableParallelism } from "node:os";

// The pool that decodes images and reads files has four threads unless it is told before its first use.
process.env.UV_THREADPOOL_SIZE ??= String(Math.max(4, Math.min(32, availableParallelism() + 2)));
const { main } = await import("../dist/src/cli/main.js");

process.exitCode = await main(process.argv);
