import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import t from "tap";
import { cacheFolder } from "../../src/data/cache.js";
import { root } from "../helpers/root.js";

const found = (command: string, ...given: string[]) => spawnSync(command, given, { encoding: "utf8" });

/** False, or why the root of another Debian can't be made here. */
function reason(): string | false {
  if (process.getuid?.() !== 0) return "needs root, to make the root of another Debian";
  if (found("debootstrap", "--version").status !== 0) return "needs debootstrap";
  if (found("chroot", "/", "true").status !== 0) return "this machine does not allow chroot";
  if (found("unshare", "--mount", "mount", "--bind", "/proc", "/mnt").status !== 0)
    return "this machine does not allow mounts";
  return mirror() === undefined ? "apt has no mirror of Debian" : false;
}

/** The mirror that apt uses here. */
function mirror(): string | undefined {
  const { stdout } = found("apt-get", "indextargets", "--format", "$(REPO_URI)");
  return (stdout ?? "").split("\n").find((line) => /^https?:.*debian\/?$/.test(line));
}

t.test("the torch engine on Debian 13's libtorch 2.6", { skip: reason(), timeout: 1_800_000 }, async (t) => {
  // Not below the repository, which is copied.
  const folder = mkdtempSync(join(tmpdir(), "n2uq-debian13-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const script = join(root, "test", "long", "debian13.sh");
  const env = { ...process.env, N2UQ_CACHE: dirname(cacheFolder()) };
  const given = [join(folder, "root"), root, mirror() ?? ""];
  const { stdout } = await promisify(execFile)(script, given, { env, maxBuffer: 2 ** 26 }).catch(
    (error) => error,
  );
  t.comment(/libtorch \S+ of [^,]+/.exec(stdout)?.[0]);
  t.match(stdout, /libtorch 2\.6\.0/);
  t.match(stdout.trim().split("\n").at(-1), /^[1-9]\d* passed, 0 failed$/, stdout.slice(-3000));
});
