import ts from "typescript";

/** A name of the program in a text: an error code, or a variable of the environment. */
export interface Name {
  readonly name: string;
  /** From 1. */
  readonly line: number;
  /** Whether only the beginning is written: `N2UQ_WEIGHTS_*`. */
  readonly isBeginning: boolean;
}

/** All names in a text: code, comments and Markdown alike. */
export function namesIn(text: string): Name[] {
  return text.split("\n").flatMap((content, index) =>
    [...content.matchAll(/\bN2UQ_[A-Z0-9_]*/g)].map(([name]) => ({
      name,
      line: index + 1,
      isBeginning: name.endsWith("_"),
    })),
  );
}

/** Variables of the environment that a source reads. */
export function variablesIn(text: string): string[] {
  return [...text.matchAll(/\benv(?:ironment)?\.(N2UQ_[A-Z0-9_]+)/g)].map(([, name = ""]) => name);
}

/** Codes that a source uses as values: not in comments, in types, or where a code is compared with another. */
export function thrownIn(text: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteral(node) && /^N2UQ_[A-Z0-9_]+$/.test(node.text) && !isAsked(node))
      found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("source.ts", text, ts.ScriptTarget.ES2023, true));
  return found;
}

const COMPARISONS = [
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
] as readonly ts.SyntaxKind[];

function isAsked({ parent }: ts.Node): boolean {
  return (
    ts.isLiteralTypeNode(parent) ||
    ts.isCaseClause(parent) ||
    (ts.isBinaryExpression(parent) && COMPARISONS.includes(parent.operatorToken.kind))
  );
}
