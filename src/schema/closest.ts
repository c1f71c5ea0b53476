import { distance } from "fastest-levenshtein";

/** The known word that a mistyped one most likely means, or undefined where none is close. */
export function closestWord(word: string, known: readonly string[]): string | undefined {
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let least = Math.max(2, Math.ceil(word.length / 3)) + 1;
  for (const candidate of known) {
    if (word.length <= 3 && candidate[0]?.toLowerCase() !== wanted[0]) continue;
    const apart = distance(wanted, candidate.toLowerCase());
    if (apart < least && apart < Math.max(word.length, candidate.length)) {
      best = candidate;
      least = apart;
    }
  }
  return best;
}
