import { distance } from "fastest-levenshtein";

/**
 * The `count` distinct dotted names closest to `written`, closest first. The last parts of a name are also
 * compared, with a small penalty, so `quan1.a` is close to `layer1.0.quan1.a`.
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
