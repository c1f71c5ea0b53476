/**
 * Shannon entropy of a histogram in bits: -Σ p·log₂p with p = count/Σcounts. 0 for an empty histogram; at
 * most log₂ of the number of levels, for a uniform histogram.
 */
export function entropyBits(counts: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const entropy = counts.reduce((sum, count) => {
    const share = count / Math.max(1, total);
    return share > 0 ? sum - share * Math.log2(share) : sum;
  }, 0);
  return Math.max(0, entropy);
}
