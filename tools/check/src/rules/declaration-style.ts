import { againstKnown } from "../known-breaches.ts";
import type { SourceFile } from "../source-file.ts";
import type { WorkspacePackage } from "../workspace.ts";

/** Packages that declare functions as constants from before the rule; the list may only become shorter. */
export const KNOWN_ARROWS: readonly string[] = [];

/**
 * At the top level of a file a function is declared as one: `function f()`, not `const f = () =>`. It is there before its line, so
 * that a file can begin with what it is about. A constant with a type of its own, `const f: Handler = …`, is no declaration.
 */
export function declarationStyle(
  packages: readonly WorkspacePackage[],
  known: readonly string[] = KNOWN_ARROWS,
): readonly string[] {
  const breaches = packages.flatMap(({ folder, sources }) =>
    sources.flatMap((source) =>
      constantFunctionsOf(source).map((name) => ({
        key: folder,
        text: `${source.path}: declare ${name} as a function, not as a constant that holds one`,
      })),
    ),
  );
  return againstKnown(breaches, known, "KNOWN_ARROWS");
}

function constantFunctionsOf({ program }: SourceFile): readonly string[] {
  return program.body
    .map((statement) => (statement.type === "ExportNamedDeclaration" ? statement.declaration : statement))
    .flatMap((statement) => (statement?.type === "VariableDeclaration" ? statement.declarations : []))
    .flatMap(({ id, init }) =>
      id.type === "Identifier" &&
      id.typeAnnotation == null &&
      (init?.type === "ArrowFunctionExpression" || init?.type === "FunctionExpression")
        ? [id.name]
        : [],
    );
}
