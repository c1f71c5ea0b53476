import { distance } from "fastest-levenshtein";

/**
 * The known word that is closest to a mistyped word; undefined if none is close. Of equally close words,
 * prefers one with the same letters.
 */
export function closestWord(word: string, known: readonly string[]): string | undefined {
  const lowerCase = word.toLowerCase();
  let best: string | undefined;
  let least = Math.max(2, Math.ceil(word.length / 3)) + 1;
  for (const candidate of known) {
    const other = candidate.toLowerCase();
    if (word.length <= 3 && other[0] !== lowerCase[0]) continue;
    const edits = distance(lowerCase, other);
    if (edits >= Math.max(word.length, candidate.length)) continue;
    const apart = lettersOf(lowerCase) === lettersOf(other) ? edits - 0.5 : edits;
    if (apart < least) {
      best = candidate;
      least = apart;
    }
  }
  return best;
}

function lettersOf(word: string): string {
  return [...word].sort().join("");
}
