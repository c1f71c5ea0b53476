import { spawnSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import t from "tap";
import { root } from "../helpers/cli.js";

t.test(
  "npm run audit fails for grave advisories, and only says so where the registry is silent",
  async (t) => {
    const folder = t.testdir();
    const npm = join(folder, "npm");
    const audit = (report: string) => {
      writeFileSync(npm, `#!/bin/sh\ncat <<'END'\n${report}\nEND\nexit 1\n`);
      chmodSync(npm, 0o755);
      const env = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` };
      return spawnSync(process.execPath, [join(root, "scripts", "audit.js")], { env, encoding: "utf8" });
    };
    const advisory = (severity: string) =>
      JSON.stringify({
        vulnerabilities: {
          tar: {
            via: [
              { name: "tar", severity, title: "writes outside", range: "<8", url: "https://x/GHSA-1" },
              "other",
            ],
          },
        },
      });
    const high = audit(advisory("high"));
    t.equal(high.status, 1);
    t.match(high.stdout, "high: tar <8: writes outside GHSA-1");
    t.equal(audit(advisory("low")).status, 0);
    t.equal(audit('{ "vulnerabilities": {} }').status, 0);
    for (const silent of ['{ "message": "405 Method Not Allowed" }', "not JSON", ""]) {
      const { status, stdout } = audit(silent);
      t.equal(status, 0);
      t.match(stdout, "audit skipped");
    }
  },
);
