import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import ts from "typescript";

/** One import, export-from, `import()` or `import("…").Type` of a file. */
export interface Import {
  readonly line: number;
  /** As written; `null` where it is computed. */
  readonly specifier: string | null;
  /** Path of the file it means, from the root of the repository; `null` for packages and Node's modules. */
  readonly target: string | null;
  readonly typeOnly: boolean;
}

/** What the rules need to know of one file. */
export interface Source {
  /** From the root of the repository, with slashes. */
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  /** Uses of the console and of the process's standard streams. */
  readonly prints: readonly { readonly line: number; readonly text: string }[];
}

/** Reads every TypeScript file that the given files and folders of a repository hold. */
export function readSources(root: string, places: readonly string[]): Source[] {
  return places
    .flatMap((place) => {
      if (place.endsWith(".ts")) return [place];
      return readdirSync(join(root, place), { recursive: true, encoding: "utf8" })
        .map((name) => posix.join(place, name.replaceAll("\\", "/")))
        .filter((path) => path.endsWith(".ts"))
        .sort();
    })
    .map((path) => parseSource(path, readFileSync(join(root, path), "utf8")));
}

/** Reads one file's text; nothing is resolved on disk. */
export function parseSource(path: string, text: string): Source {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  const imports: Import[] = [];
  const prints: { line: number; text: string }[] = [];
  const lineOf = (node: ts.Node) => tree.getLineAndCharacterOfPosition(node.getStart()).line + 1;

  const visit = (node: ts.Node): void => {
    const found = importOf(node);
    if (found !== undefined) {
      const target = found.specifier?.startsWith(".") ? resolveRelative(path, found.specifier) : null;
      imports.push({ line: lineOf(node), target, ...found });
    }
    if (ts.isPropertyAccessExpression(node) && isPrinting(node)) {
      prints.push({ line: lineOf(node), text: node.getText() });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return { path, lines: text.replace(/\n$/, "").split("\n").length, imports, prints };
}

function importOf(node: ts.Node): Pick<Import, "specifier" | "typeOnly"> | undefined {
  if (ts.isImportDeclaration(node)) {
    return { specifier: literal(node.moduleSpecifier), typeOnly: node.importClause?.isTypeOnly === true };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    return { specifier: literal(node.moduleSpecifier), typeOnly: node.isTypeOnly };
  }
  if (ts.isImportTypeNode(node)) {
    return {
      specifier: ts.isLiteralTypeNode(node.argument) ? literal(node.argument.literal) : null,
      typeOnly: true,
    };
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return { specifier: literal(node.arguments[0]), typeOnly: false };
  }
  return undefined;
}

function literal(node: ts.Node | undefined): string | null {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : null;
}

function resolveRelative(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier).replace(/\.js$/, ".ts");
}

function isPrinting(node: ts.PropertyAccessExpression): boolean {
  const object = node.expression.getText();
  return object === "console" || (object === "process" && /^(stdout|stderr)$/.test(node.name.text));
}
