import { readFileSync } from "node:fs";
import { join } from "node:path";
import TJS from "typescript-json-schema";

const { ts } = TJS;

/** First paragraph of the comment of each exported constant of a file, by name, in the order of the file. */
export function documentedConstants(root: string, path: string): Map<string, string> {
  const source = ts.createSourceFile(path, readFileSync(join(root, path), "utf8"), ts.ScriptTarget.ES2022, true);
  const found = new Map<string, string>();
  source.forEachChild((node) => {
    if (!ts.isVariableStatement(node)) return;
    const [comment] = ts.getJSDocCommentsAndTags(node);
    const text = comment === undefined ? "" : (ts.getTextOfJSDocComment(comment.comment) ?? "");
    const [first = ""] = text.split("\n\n");
    for (const { name } of node.declarationList.declarations)
      found.set(name.getText(source), first.replace(/\s+/g, " "));
  });
  return found;
}
