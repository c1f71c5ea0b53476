type Path = readonly (string | number)[];

/** Every value of a plain JSON tree with its path; a list of plain values counts as one value. */
export function leaves(tree: unknown, path: Path = []): { path: Path; value: string }[] {
  const isLeaf =
    typeof tree !== "object" || tree === null || isPlainList(tree) || Object.keys(tree).length === 0;
  if (isLeaf) return [{ path, value: JSON.stringify(tree) }];
  const keys = Array.isArray(tree) ? tree.map((_, index) => index) : Object.keys(tree);
  return keys.flatMap((key) => leaves((tree as Record<string | number, unknown>)[key], [...path, key]));
}

function isPlainList(tree: object): boolean {
  return Array.isArray(tree) && tree.every((entry) => typeof entry !== "object" || entry === null);
}
