import { distance } from "fastest-levenshtein";

/** The `count` names nearest to what was written, nearest first, each once. */
export function closest(written: string, names: Iterable<string>, count: number): string[] {
  const bare = written.replace(/[*?{}[\]]/g, "");
  return [...new Set(names)]
    .map((name) => ({ name, far: distance(bare, name) }))
    .sort((a, b) => a.far - b.far)
    .slice(0, count)
    .map((entry) => entry.name);
}
