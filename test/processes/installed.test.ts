import { execFile, execFileSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { test } from "tap";
import { root } from "../helpers/cli.js";

const exec = promisify(execFile);

/** A project with the package as npm would install it from its tarball; what it depends on is linked from here. */
function installed(): string {
  const folder = mkdtempSync(join(tmpdir(), "n2uq-installed-"));
  const modules = join(folder, "node_modules");
  const own = join(modules, "n2uq");
  mkdirSync(own, { recursive: true });
  for (const name of readdirSync(join(root, "node_modules")))
    if (!name.startsWith(".")) symlinkSync(join(root, "node_modules", name), join(modules, name));
  const answer = execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [{ filename }] = JSON.parse(answer) as [{ filename: string }];
  execFileSync("tar", ["-xzf", join(folder, filename), "--strip-components=1", "-C", own]);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
  cpSync(join(own, "examples"), join(folder, "examples"), { recursive: true });
  return folder;
}

/** Writes the blocks of a page whose first line names a file. */
function writeSnippets(page: string, folder: string): void {
  const text = readFileSync(join(root, "docs", page), "utf8");
  for (const [, code = ""] of text.matchAll(/```\w+\n((?:\/\/|#) \S+\.\w+\n[^`]*(?:`[^`]+)*?)```/g)) {
    const [, name = ""] = /^(?:\/\/|#) (\S+)/.exec(code) ?? [];
    writeFileSync(join(folder, name), code);
  }
}

test("an installed package: library and plug-ins", (t) => {
  const folder = installed();
  t.teardown(() => rmSync(folder, { recursive: true }));
  const node = async (args: readonly string[], cwd = folder) => {
    const { stdout } = await exec(process.execPath, args, { cwd, env: { ...process.env, NO_COLOR: "1" } });
    return stdout;
  };
  const bin = join(folder, "node_modules", "n2uq", "bin", "n2uq.js");
  const n2uq = (cwd: string, ...args: string[]) => node([bin, ...args], cwd);
  const json = async (cwd: string, ...args: string[]) =>
    JSON.parse(await n2uq(cwd, ...args, "--json")) as Record<string, unknown>;

  t.jobs = 3;
  t.test("code in TypeScript compiles and runs", async (t) => {
    writeSnippets("library.md", folder);
    const compilerOptions = {
      ...{ strict: true, skipLibCheck: true, module: "NodeNext", target: "ES2023" },
      ...{ types: ["node"], rootDir: ".", outDir: "." },
    };
    const files = ["examples/train.ts", "library.ts"];
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
    await node(["node_modules/typescript/bin/tsc", "-p", "."]).catch((error: { stdout: string }) => {
      t.fail(error.stdout);
    });
    const trained = await node(["examples/train.js"]);
    const [, best] = /^best top-1 (.*) % after 20 steps$/m.exec(trained) ?? [];
    const [, measured] = /^measured (.*) % on 64 images$/m.exec(trained) ?? [];
    t.ok(best !== undefined && best === measured, trained);
    t.match(trained, /^epoch 1: top-1 /m);
    const shown = await node(["library.js"]);
    t.match(shown, /^8 \d/m, "events of every step");
    t.match(shown, /\[ 'small done', 'small done' \]/);
    t.match(shown, /N2UQ_CONFIG_BAD_VALUE: /);
  });

  t.test("a quantizer of one's own", async (t) => {
    const own = join(folder, "examples", "my-quantizer");
    await n2uq(own, "sweep", "--grid", "clip=1,2", "--jobs", "2");
    const before = await json(own, "plan");
    const [name = ""] = readdirSync(join(own, "runs")).filter((one) =>
      one.endsWith(String(before.hash).slice(0, 8)),
    );
    const result = JSON.parse(readFileSync(join(own, "runs", name, "result.json"), "utf8"));
    t.equal(result.method, "minmax");
    t.equal(result.environment.plugins[0].name, "my-quantizer");
    t.equal(readdirSync(join(own, "runs")).filter((one) => one.startsWith("my-quantizer-")).length, 2);
    await n2uq(own, "schema", "--out", "schemas");
    const schema = JSON.parse(readFileSync(join(own, "schemas", "experiment.schema.json"), "utf8"));
    t.ok(schema.definitions.method.enum.includes("minmax"));
    t.equal(schema.definitions.quantization.properties.clip.maximum, 64);
    appendFileSync(join(own, "my-quantizer.js"), "// changed\n");
    t.not((await json(own, "plan")).hash, before.hash, "a run whose plug-in changed is another run");
  });

  t.test("the page on plug-ins", async (t) => {
    const own = join(folder, "page");
    mkdirSync(own);
    writeFileSync(join(own, "package.json"), '{ "type": "module" }\n');
    writeSnippets("plugins.md", own);
    await n2uq(own, "run", "halved.yaml");
    const [name = ""] = readdirSync(join(own, "runs"));
    const lines = readFileSync(join(own, "runs", name, "metrics.jsonl"), "utf8")
      .trim()
      .split("\n");
    const rates = lines.map((line) => JSON.parse(line)).filter(({ type }) => type === "epoch");
    t.equal(rates.length, 2);
    t.equal(rates[1].lr, rates[0].lr / 2);
  });
  t.end();
});
