/** A phrase to avoid in comments and pages, and the term to write instead. */
export interface Phrase {
  readonly avoid: RegExp;
  readonly write: string;
}

/** Phrases without an ordinary technical meaning, or with a standard term that is clearer. */
export const phrases: readonly Phrase[] = [
  // Verbs of the project's old dialect
  { avoid: /\b(?:told|tells?)\b/i, write: "report, show, say, distinguish" },
  { avoid: /\b(?:stands|stood)\b/i, write: "is" },
  { avoid: /\b(?:lies|lay|lain)\b|\blie (?:in|at|on|where)\b/i, write: "is (in)" },
  { avoid: /\b(?:go|goes|going|went) on\b/i, write: "resume, continue" },
  { avoid: /\b(?:comes?|coming|came) to\b/i, write: "is, reaches, results in" },
  { avoid: /\bmend(?:s|ed|ing)?\b/i, write: "fix, repair" },
  { avoid: /\bheed(?:s|ed)?\b/i, write: "ignored, supported" },
  { avoid: /\bpass(?:es|ed) over\b|\bleft out\b|\bleav(?:e|es|ing) out\b/i, write: "skip, omit, drop" },
  { avoid: /\bcounts? more\b/i, write: "takes precedence" },
  { avoid: /\bread(?:s|ing)? ahead\b/i, write: "prefetch" },
  { avoid: /\bcut off\b/i, write: "truncated" },
  { avoid: /\b(?:is|are) refused\b/i, write: "is an error, is rejected" },
  // Adverbs and pronouns in place of a noun
  { avoid: /\b(?:is|are|was|were) (?:not )?(?:here|there)\b/i, write: "exists, is available, is installed" },
  { avoid: /\bwhoever\b|\bfor who\b/i, write: "a noun: the caller, the process, the user" },
  { avoid: /\bwhat (?:is|was) (?:asked|held|known|told|wanted)\b/i, write: "a noun" },
  { avoid: /\bof (?:its|their|one's|our|the user's) own(?=[.,;:)]|$)/i, write: "its own …, separate" },
  { avoid: /\b(?:process|thread|folder|file|kernel)(?:es|s)? of (?:its|their) own\b/i, write: "separate" },
  { avoid: /\banew\b/i, write: "again; rewrite, rebuild" },
  { avoid: /\bbeside\b/i, write: "next to, with, besides" },
  { avoid: /\b(?:for|after) so (?:long|many)\b/i, write: "the noun: after this time, of this many" },
  { avoid: /\b(?:in|by) turns\b/i, write: "alternating, interleaved" },
  {
    avoid:
      /\bone (?:array|bar|cell|engine|family|file|folder|layer|line|object|row|run|subject|value|workflow) an? \w+/i,
    write: "one … per …",
  },
  { avoid: /\bby channel\b/i, write: "per channel" },
  { avoid: /\b(?:is|are) no part of\b/i, write: "is not part of" },
  { avoid: /\bthe caller's(?=[.,;:)]|$)/i, write: "owned by the caller" },
  // One word for one thing
  { avoid: /\b(?:is|are|be|stays?|still) whole\b/i, write: "intact" },
  { avoid: /\bstart weights?\b/i, write: "initial weights" },
  { avoid: /\bstaircases?\b/i, write: "threshold curve" },
  { avoid: /\bstandardis\w+/i, write: "normalize" },
  { avoid: /(?<!standard )\bdeviations?\b(?! from)/i, write: "std" },
  { avoid: /\bsigns? of life\b/i, write: "heartbeat" },
  { avoid: /\bsittings?\b/i, write: "run, job, restart" },
  { avoid: /\bdesk(?: scale|'s)?\b/i, write: "small scale" },
  { avoid: /\bnext to nothing\b/i, write: "almost nothing, nearly zero" },
  { avoid: /\bproducts? of matrices\b/i, write: "matmul" },
  // American spelling, as in the libraries
  {
    avoid: /\b(?:grey|colours?|neighbours?|neighbouring|centres?|centred)\b/i,
    write: "gray, color, neighbor, center",
  },
  {
    avoid: /\b(?:normal|initial|vector|synchron|optim|analy|serial)[iy]s(?:es?|ed|ing|ation)\b/i,
    write: "-ize, analyze",
  },
];
