import { spawnSync } from "node:child_process";
import { chmodSync, cpSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { command, root } from "../helpers/cli.js";

const crash = /N2UQ_INTERNAL|node:internal|^\s+at /m;
const nobody = ["setpriv", "--reuid", "54321", "--clear-groups"];
const can = process.getuid?.() === 0 && spawnSync("setpriv", [...nobody.slice(1), "true"]).status === 0;

/** Runs a command without HOME, as a user number without a name where this machine lets the tests become one. */
function homeless(args: readonly string[], cwd: string, variables: NodeJS.ProcessEnv = {}) {
  const without = ["HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "N2UQ_CACHE", "N2UQ_ENGINES"];
  const rest = Object.fromEntries(Object.entries(process.env).filter(([name]) => !without.includes(name)));
  const env = {
    ...rest,
    NO_COLOR: "1",
    npm_config_registry: "http://127.0.0.1:9/",
    npm_config_fetch_retries: "0",
    ...variables,
  };
  // The test runner's NODE_OPTIONS, which it gives to all it starts, writes into a folder that is not this user's.
  const plain = ["env", "-u", "NODE_OPTIONS", ...(can ? nobody : [])];
  const [program = "", ...all] = [...plain, process.execPath, command, ...args];
  const { status, stdout, stderr } = spawnSync(program, all, { cwd, env, encoding: "utf8" });
  return { code: status, text: stdout + stderr };
}

t.test(
  "B4: without a home, commands that need none work and others name the variable",
  { timeout: 200_000 },
  async (t) => {
    const folder = t.testdir({ "n2uq.config.yaml": "runs: ./runs\n" });
    cpSync(join(root, "test", "fixtures", "trust", "tiny.yaml"), join(folder, "tiny.yaml"));
    chmodSync(folder, 0o777);
    // An empty HOME is as good as none, also where the tests can't give up their user's name.
    const none = can ? {} : { HOME: "" };
    const run = homeless(["run", "tiny.yaml"], folder, none);
    t.equal(run.code, 0, run.text);
    t.match(run.text, /runs\/tiny-[0-9a-f]{8}/);
    for (const args of [
      ["plan", "tiny.yaml"],
      ["runs"],
      ["engine", "list"],
      ["weights", "list"],
      ["data", "list"],
    ]) {
      const { code, text } = homeless(args, folder, none);
      t.equal(code, 0, `${args.join(" ")}: ${text}`);
      t.notMatch(text, crash);
    }
    const fetch = homeless(["data", "fetch", "mnist"], folder, none);
    t.equal(fetch.code, 3);
    t.match(fetch.text, /N2UQ_NO_HOME.*\n.*N2UQ_CACHE/);
    const install = homeless(["engine", "install", "tensorflow"], folder, none);
    t.equal(install.code, 3);
    t.match(install.text, /N2UQ_NO_HOME.*\n.*N2UQ_ENGINES/);
    const named = homeless(["data", "fetch", "mnist"], folder, {
      ...none,
      N2UQ_CACHE: join(folder, "cache"),
    });
    t.equal(named.code, 3);
    t.match(named.text, "N2UQ_DATA_FETCH_FAILED");
    for (const { text } of [fetch, install, named]) t.notMatch(text, crash);
  },
);
