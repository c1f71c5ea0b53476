import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { root } from "../helpers/cli.js";

const can = spawnSync("unshare", ["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status === 0;

/**
 * A separate disk that is full after the teacher, then larger, then read-only; only this script can access
 * it.
 */
const script = `
sweep() { echo "== $1"; shift; node "$N2UQ" sweep student.yaml --jobs 1 --runs disk "$@" 2>&1; echo "exit $?"; }
mount -t tmpfs -o size=160k tmpfs disk || exit 9
sweep full --grid bits=2
echo "== status"; node "$N2UQ" status --runs disk 2>&1
mount -o remount,size=50m disk
sweep larger --grid bits=2
mount -o remount,ro disk
sweep read-only --grid bits=2,3
echo "== looked at"; node "$N2UQ" status --runs disk 2>&1; echo "exit $?"
`;

t.test("a full disk loses nothing and a read-only one is named", async (t) => {
  if (!can) return t.pass("skipped: this machine allows no file system of one's own (unshare -rm)");
  const folder = t.testdir();
  cpSync(join(root, "test", "fixtures", "sweeps", "parts"), folder, { recursive: true });
  mkdirSync(join(folder, "disk"));
  writeFileSync(join(folder, "disk.sh"), script);
  const env = { ...process.env, N2UQ: join(root, "bin", "n2uq.js"), NO_COLOR: "1" };
  const { stdout } = spawnSync("unshare", ["-rm", "bash", "disk.sh"], { cwd: folder, env, encoding: "utf8" });
  const part = (name: string) => stdout.split(/^== /m).find((one) => one.startsWith(name)) ?? "";
  t.match(part("full"), /disk\/tiny-[0-9a-f]{8} can't be written: .*ENOSPC/);
  t.match(part("full"), /error\[N2UQ_(RUN_WRITE|SWEEP)_FAILED\]/);
  t.match(part("full"), "exit 1");
  t.match(part("status"), /tiny-teacher-[0-9a-f]{8} +\(shared\) +done/);
  t.match(part("larger"), "2 runs · 2 done");
  t.match(part("larger"), "exit 0");
  t.notMatch(part("larger"), "▶ tiny-teacher", "what was done before is not done again");
  t.match(part("read-only"), "error[N2UQ_RUN_WRITE_FAILED]");
  t.match(part("read-only"), "exit 1");
  t.match(part("looked at"), "2 runs · 2 done");
  t.match(part("looked at"), "exit 0");
  for (const name of ["full", "larger", "read-only"]) t.notMatch(part(name), "N2UQ_INTERNAL");
});
