import { areas, explanations } from "./areas.js";

const EXIT_CODES = {
  1: "the run failed",
  2: "the input is wrong",
  3: "something is missing on this machine",
  130: "interrupted",
};

const HEAD = `<!-- Written by \`npm run docs:errors\` from src/errors.ts and scripts/errors/areas.js. Do not edit. -->

# Errors

Every error that a user can cause has a code. The command line prints the code, the message, the location (file, line and column, if there
is one) and a hint; \`--json\` prints the same as JSON. From code, \`N2uqError\` has \`code\`, \`message\`, \`hint\`, \`location\`
and \`exitCode\` ([library.md](library.md)).

Names in braces are placeholders: \`{file}\` is replaced by a file name. A more specific hint can replace the one below.
`;

/** The section of a code, by the longest matching prefix. @throws Error if there is none */
export function areaOf(code) {
  const matching = areas.flatMap((area) =>
    area.codes.filter((start) => code.startsWith(start)).map((start) => ({ area, start })),
  );
  const [first] = matching.sort((one, other) => other.start.length - one.start.length);
  if (first === undefined) throw new Error(`scripts/errors/areas.js has no section for ${code}`);
  return first.area;
}

const cell = (text) => text.replaceAll("|", "\\|").replaceAll("<", "&lt;").replaceAll("\n", " ");

function sentence(text) {
  const [first = "", ...rest] = text;
  return `${first.toUpperCase()}${rest.join("")}${/[.!?…]$/.test(text) ? "" : "."}`;
}

function row(code, { exitCode = 2, message, hint }) {
  const { means = sentence(message), remedy = hint } = explanations[code] ?? {};
  if (remedy === undefined) throw new Error(`${code} has no hint: explain it in scripts/errors/areas.js`);
  return `| \`${code}\` | ${cell(means)} | ${cell(remedy)} | ${exitCode} |`;
}

/** The text of docs/errors.md. @param table the error table of src/errors.ts */
export function errorPage(table) {
  const codes = Object.keys(table).sort();
  const stale = Object.keys(explanations).filter((code) => !(code in table));
  if (stale.length > 0) throw new Error(`scripts/errors/areas.js explains unknown codes: ${stale}`);
  const sections = areas.map((area) => {
    const rows = codes.filter((code) => areaOf(code) === area).map((code) => row(code, table[code]));
    if (rows.length === 0) throw new Error(`no code belongs to the section "${area.title}"`);
    return [
      `## ${area.title}`,
      "",
      area.text,
      "",
      "| code | meaning | what to do | exit |",
      "|---|---|---|---:|",
      ...rows,
      "",
    ].join("\n");
  });
  const used = [...new Set(codes.map((code) => table[code].exitCode ?? 2))].sort((a, b) => a - b);
  const exits = used.map((code) => `${code}: ${EXIT_CODES[code]}`).join("; ");
  return [`${HEAD}\nExit codes: ${exits}.\n`, ...sections].join("\n");
}
