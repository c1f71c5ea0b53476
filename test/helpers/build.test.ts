import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import t from "tap";
import { refuseOldBuild } from "./build.js";

t.test("a build that lacks a source or is older than one is rejected", async (t) => {
  const folder = t.testdir();
  const write = (name: string, seconds: number) => {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, "");
    utimesSync(file, seconds, seconds);
  };
  for (const file of ["index.ts", "src/a/b.ts", "src/types.d.ts", "runners/c.ts", "cli/d.ts"])
    write(file, 100);
  for (const file of ["index", "src/a/b", "runners/c"]) write(`dist/${file}.js`, 101);
  t.throws(() => refuseOldBuild(folder), { message: /no output for cli.d\.ts: run "npm run build"/ });
  write("dist/cli/d.js", 100);
  t.doesNotThrow(() => refuseOldBuild(folder));
  write("src/a/b.ts", 102);
  t.throws(() => refuseOldBuild(folder), { message: /older than src.a.b\.ts/ });
});
