import picomatch from "picomatch";
import { allCases } from "./stepCases.js";
import { peers } from "./stepPeers.js";
import { pageColumns, tableOf } from "./stepReport.js";
import type { Result } from "./stepResults.js";
import { lastResults } from "./stepResults.js";

/**
 * A section of a page that a table fills: the lines between `<!-- bench:step CASES PEERS -->` and
 * `<!-- /bench:step -->`, both comma-separated. CASES may contain `*`.
 */
const SECTION = /(<!-- bench:step (\S+) (\S+) -->\n)[\s\S]*?(<!-- \/bench:step -->)/g;

export interface FilledPage {
  readonly text: string;
  /** The results in the page's tables. */
  readonly shown: readonly Result[];
  /** The sections without any result, which stay as they are: `CASES PEERS`. */
  readonly empty: readonly string[];
}

export function fillPage(page: string, results: readonly Result[]): FilledPage {
  const shown: Result[] = [];
  const empty: string[] = [];
  const ordered = inOrder(lastResults(results));
  const text = page.replace(SECTION, (section, begin: string, cases: string, names: string, end: string) => {
    const isCase = picomatch(cases.split(","));
    const chosen = ordered.filter((result) => isCase(result.case) && names.split(",").includes(result.peer));
    if (chosen.length === 0) {
      empty.push(`${cases} ${names}`);
      return section;
    }
    shown.push(...chosen);
    return `${begin}${tableOf(chosen, pageColumns)}\n\n${originOf(chosen)}\n${end}`;
  });
  return { text, shown, empty };
}

/** In the order of the full table: by case, then by peer; other cases last. */
export function inOrder(results: readonly Result[]): readonly Result[] {
  const [cases, names] = [[...allCases], Object.keys(peers)];
  const place = ({ case: name, peer }: Result) =>
    (cases.includes(name) ? cases.indexOf(name) : cases.length) * names.length + names.indexOf(peer);
  return results.toSorted((a, b) => place(a) - place(b));
}

function originOf(results: readonly Result[]): string {
  const commits = [...new Set(results.map(({ revision }) => revision))].join(", ");
  const days = results.map(({ finished }) => finished.slice(0, 10)).sort();
  const [first, last] = [days.at(0), days.at(-1)];
  return `Commit ${commits}; ${first === last ? first : `${first} to ${last}`}.`;
}
