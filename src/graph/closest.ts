import { distance } from "fastest-levenshtein";

/**
 * The `count` distinct dotted names closest to `written`, closest first. The end of a name counts as the
 * name, with a small penalty: `quan1.a` is like `layer1.0.quan1.a`.
 */
export function closest(written: string, names: Iterable<string>, count: number): string[] {
  const bare = written.replace(/[*?{}[\]]/g, "");
  return [...new Set(names)]
    .map((name) => ({
      name,
      far: Math.min(distance(bare, name), 0.5 + Math.min(...endsOf(name).map((end) => distance(bare, end)))),
    }))
    .sort((a, b) => a.far - b.far)
    .slice(0, count)
    .map((entry) => entry.name);
}

function endsOf(name: string): string[] {
  const parts = name.split(".");
  return parts.map((_, at) => parts.slice(at).join("."));
}
