// npm run audit: known faults of the packages that an installation brings. Fails for those of severity high or critical that
// `allowed` does not name; where the registry doesn't answer an audit, it says so and passes.
import { spawnSync } from "node:child_process";

/**
 * Advisories that can't be fixed yet: each with why it does no harm here, and the day from which that must be looked at again.
 * @type {Record<string, { why: string; until: string }>} by GHSA number
 */
const allowed = {};

const GRAVE = ["high", "critical"];
// npm waits minutes for a registry that is away.
const { stdout, error } = spawnSync("npm", ["audit", "--json", "--omit=dev", "--fetch-retries=0"], {
  encoding: "utf8",
  timeout: 60_000,
  maxBuffer: 1 << 28,
});

function skip(reason) {
  console.log(`audit skipped: the registry gives no audit here (${reason})`);
  process.exit(0);
}

let report;
try {
  report = JSON.parse(stdout ?? "");
} catch {
  skip(error?.message ?? "no JSON");
}
if (report.vulnerabilities === undefined)
  skip(String(report.message ?? report.error?.summary ?? "no report").split("\n")[0]);

/** Advisories by number; `via` holds names of packages where the fault is another package's. */
const advisories = new Map();
for (const { via } of Object.values(report.vulnerabilities)) {
  for (const one of via)
    if (typeof one === "object") advisories.set(one.url?.split("/").at(-1) ?? one.source, one);
}

const today = new Date().toISOString().slice(0, 10);
let bad = 0;
for (const [id, { name, severity, title, range }] of advisories) {
  const exception = allowed[id];
  const isKnown = exception !== undefined && today < exception.until;
  if (GRAVE.includes(severity) && !isKnown) bad += 1;
  const note =
    exception === undefined
      ? ""
      : isKnown
        ? ` (allowed: ${exception.why})`
        : ` (was allowed until ${exception.until})`;
  console.log(`${severity}: ${name} ${range}: ${title} ${id}${note}`);
}
const idle = Object.keys(allowed).filter((id) => !advisories.has(id));
if (idle.length > 0) console.log(`no longer needed in the list: ${idle.join(", ")}`);
console.log(`${advisories.size} advisories, ${bad} of them high or critical and not allowed`);
process.exitCode = bad === 0 ? 0 : 1;
