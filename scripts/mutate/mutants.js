import ts from "typescript";

/**
 * One change of a source.
 *
 * @typedef {{ file: string, line: number, was: string, from: string, to: string, start: number, end: number, head: string }} Mutant
 * `was` is the trimmed line; `to` replaces the text from `start` to `end`; `head` is inserted at the start of
 * the file.
 */

const operators = {
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
  "%": "*",
  "**": "*",
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "===": "!==",
  "!==": "===",
  "&&": "||",
  "||": "&&",
  "+=": "-=",
  "-=": "+=",
  "*=": "/=",
  "&": "|",
  "<<": ">>",
  ">>": "<<",
};

/** Functions of TensorFlow.js, with the functions that replace them. */
const functions = {
  add: "sub",
  sub: "add",
  mul: "div",
  div: "mul",
  minimum: "maximum",
  maximum: "minimum",
  greater: "greaterEqual",
  greaterEqual: "greater",
  less: "lessEqual",
  lessEqual: "less",
  logicalAnd: "logicalOr",
  logicalOr: "logicalAnd",
  abs: "neg",
  sum: "mean",
  mean: "sum",
  square: "abs",
  sqrt: "abs",
};
const TFJS = "@tensorflow/tfjs-core";

/**
 * Every change of one operator, number, boolean, condition or function of TensorFlow.js in a source.
 *
 * @param {string} file its path, for the mutants
 * @param {string} text
 * @returns {Mutant[]}
 */
export function mutantsOf(file, text) {
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  const lines = text.split("\n");
  const mutants = [];
  const fromTfjs = importsFrom(tree, TFJS);
  const add = (node, to, head = "") => {
    const start = node.getStart();
    const { line } = tree.getLineAndCharacterOfPosition(start);
    const from = text.slice(start, node.end);
    mutants.push({ file, line: line + 1, was: lines[line].trim(), from, to, start, end: node.end, head });
  };
  const visit = (node) => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isInterfaceDeclaration(node)) return;
    if (ts.isTypeAliasDeclaration(node)) return;
    change(node, add, fromTfjs);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return mutants;
}

function change(node, add, fromTfjs) {
  if (ts.isBinaryExpression(node)) {
    const to = operators[node.operatorToken.getText()];
    if (to !== undefined) add(node.operatorToken, to);
    if (node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken)
      add(node, `(${node.right.getText()})`);
  } else if (ts.isPrefixUnaryExpression(node)) {
    if (node.operator === ts.SyntaxKind.ExclamationToken) add(node, `(${node.operand.getText()})`);
    if (node.operator === ts.SyntaxKind.MinusToken) add(node, `(${node.operand.getText()})`);
  } else if (ts.isNumericLiteral(node)) {
    if (!ts.isPropertyAssignment(node.parent) || node.parent.name !== node)
      add(node, `(${node.getText()} + 1)`);
  } else if (node.kind === ts.SyntaxKind.TrueKeyword) {
    add(node, "false");
  } else if (node.kind === ts.SyntaxKind.FalseKeyword) {
    add(node, "true");
  } else if (ts.isIfStatement(node)) {
    for (const value of ["true", "false"]) add(node.expression, value);
  } else if (ts.isConditionalExpression(node)) {
    add(node.condition, `!(${node.condition.getText()})`);
  } else if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const { expression: namespace, name } = node.expression;
    const to = fromTfjs.has(`* as ${namespace.getText()}`) ? functions[name.text] : undefined;
    if (to !== undefined) add(name, to);
  } else if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
    const to = fromTfjs.has(node.expression.text) ? functions[node.expression.text] : undefined;
    if (to !== undefined)
      add(node.expression, `other_${to}`, `import { ${to} as other_${to} } from "${TFJS}";`);
  }
}

/** Names that a source imports from a package, as used in the source; `* as tf` for a namespace. */
function importsFrom(tree, from) {
  const names = new Set();
  for (const statement of tree.statements) {
    if (!ts.isImportDeclaration(statement) || statement.moduleSpecifier.text !== from) continue;
    const bindings = statement.importClause?.namedBindings;
    if (bindings === undefined) continue;
    if (ts.isNamespaceImport(bindings)) names.add(`* as ${bindings.name.text}`);
    else for (const { name } of bindings.elements) names.add(name.text);
  }
  return names;
}

/** The text with a change applied. @param {Mutant} mutant  @param {string} text of its file */
export function mutated({ start, end, to, head }, text) {
  return `${head}${text.slice(0, start)}${to}${text.slice(end)}`;
}
