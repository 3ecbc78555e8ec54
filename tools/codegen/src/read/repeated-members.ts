import TJS from "typescript-json-schema";

const { ts } = TJS;

/**
 * Members that an exported object literal has more than once, with the line of the second: when the file is loaded, the last one has
 * won without a word.
 */
export function repeatedMembers(
  text: string,
  constant: string,
): readonly { readonly name: string; readonly line: number }[] {
  const source = ts.createSourceFile("source.ts", text, ts.ScriptTarget.ES2022, true);
  const seen = new Set<string>();
  const repeated: { name: string; line: number }[] = [];
  source.forEachChild((node) => {
    if (!ts.isVariableStatement(node)) return;
    const declaration = node.declarationList.declarations.find(({ name }) => name.getText(source) === constant);
    for (const member of literalOf(declaration?.initializer)?.properties ?? []) {
      if (member.name === undefined || !(ts.isStringLiteral(member.name) || ts.isIdentifier(member.name))) continue;
      const name = member.name.text;
      if (seen.has(name)) {
        repeated.push({ name, line: source.getLineAndCharacterOfPosition(member.getStart(source)).line + 1 });
      }
      seen.add(name);
    }
  });
  return repeated;
}

/** The object literal inside of `{ … } as const satisfies T`. */
function literalOf(expression: TJS.ts.Expression | undefined): TJS.ts.ObjectLiteralExpression | undefined {
  if (expression === undefined || ts.isObjectLiteralExpression(expression)) return expression;
  const isWrapped = ts.isAsExpression(expression) || ts.isSatisfiesExpression(expression);
  return isWrapped ? literalOf(expression.expression) : undefined;
}
