// npm run audit: lists known vulnerabilities of the packages that an installation includes. Fails if one of
// severity high or critical is not in `allowed`. If the registry does not answer an audit, prints this and
// passes.
import { spawnSync } from "node:child_process";

/**
 * Advisories that can't be fixed yet, each with the reason why it is harmless here, and the day on which the
 * exception expires.
 * @type {Record<string, { why: string; until: string }>} by GHSA number
 */
const allowed = {};

const GRAVE = ["high", "critical"];
// With retries, npm waits for minutes if the registry does not answer.
const { stdout, error } = spawnSync("npm", ["audit", "--json", "--omit=dev", "--fetch-retries=0"], {
  encoding: "utf8",
  timeout: 60_000,
  maxBuffer: 1 << 28,
});

function skip(reason) {
  console.log(`audit skipped: the registry does not answer an audit (${reason})`);
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

/** Advisories by number. An entry of `via` that is a name means that the vulnerability is in that package. */
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
if (idle.length > 0) console.log(`no longer needed in \`allowed\`: ${idle.join(", ")}`);
console.log(`${advisories.size} advisories, ${bad} of them high or critical and not allowed`);
process.exitCode = bad === 0 ? 0 : 1;
