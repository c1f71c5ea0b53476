// node --import ./scripts/source/register.js FILE.ts: runs TypeScript from source, compiled by esbuild
// without type checks.
import { register } from "node:module";

process.setSourceMapsEnabled(true);
register("./hooks.js", import.meta.url);
