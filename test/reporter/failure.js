/** Keys of tap's diagnostics that say nothing to a reader, or are shown in their own way. */
const shownApart = new Set(["at", "stack", "source", "diff", "found", "wanted", "compare", "tapCaught"]);
const noise = new Set([
  "env",
  "cwd",
  "command",
  "args",
  "stdio",
  "buffered",
  "externalID",
  "jobId",
  "processID",
  "file",
  "test",
]);

/**
 * What tap knows about a failure, for people: the difference (or found and wanted), the line of source and where
 * it is, the calls that led to it, and anything else that was handed to the assertion.
 *
 * @param {Record<string, any> | null | undefined} diagnostics as tap-parser read them
 * @returns {string} several lines without an end of line, or `""` when nothing is known
 */
export function describeFailure(diagnostics) {
  if (diagnostics === null || diagnostics === undefined) return "";
  const parts = [difference(diagnostics), place(diagnostics), stack(diagnostics), rest(diagnostics)];
  return parts.filter((part) => part !== "").join("\n");
}

function difference({ diff, found, wanted }) {
  if (typeof diff === "string") return diff.replace(/^=+\n/, "").trimEnd();
  const lines = [];
  if (wanted !== undefined) lines.push(`wanted: ${shown(wanted)}`);
  if (found !== undefined) lines.push(`found:  ${shown(found)}`);
  return lines.join("\n");
}

function place({ at, source }) {
  const lines = [];
  if (typeof at?.fileName === "string") lines.push(`at ${at.fileName}:${at.lineNumber}:${at.columnNumber}`);
  if (typeof source === "string") lines.push(source.trimEnd());
  return lines.join("\n");
}

function stack({ stack: calls }) {
  return typeof calls === "string" ? calls.trimEnd().replace(/^/gm, "  ") : "";
}

function rest(diagnostics) {
  return Object.entries(diagnostics)
    .filter(([key]) => !shownApart.has(key) && !noise.has(key))
    .map(([key, value]) => `${key}: ${shown(value)}`)
    .join("\n");
}

function shown(value) {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
