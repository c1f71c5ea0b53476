/** What the work returns, or the fallback if it throws. */
export function orElse<Value, Fallback>(work: () => Value, fallback: Fallback): Value | Fallback {
  try {
    return work();
  } catch {
    return fallback;
  }
}
