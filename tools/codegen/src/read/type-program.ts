import { readdirSync } from "node:fs";
import { join } from "node:path";
import TJS from "typescript-json-schema";
import type { AuthoredSource } from "../api.ts";

const { ts } = TJS;

type Program = ReturnType<typeof ts.createProgram>;

/** The files with an API's wire types, relative to the root, in one order everywhere. */
export function sourceFiles(root: string, { files }: AuthoredSource): string[] {
  return files.flatMap((source) =>
    source.endsWith(".ts")
      ? [source]
      : readdirSync(join(root, source))
          .filter((name) => name.endsWith(".ts"))
          .sort()
          .map((name) => `${source}/${name}`),
  );
}

/**
 * A program over authored types with the compiler that the schema generator carries. Packages of this repository are read
 * from source, so that nothing has to be built first.
 *
 * @throws Error that lists what does not compile.
 */
export function createTypeProgram(root: string, files: readonly string[]): Program {
  const program = ts.createProgram(
    files.map((file) => join(root, file)),
    {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      target: ts.ScriptTarget.ES2022,
      lib: ["lib.es2023.d.ts"],
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      allowImportingTsExtensions: true,
      types: [],
      paths: {
        "@holdfast/path-uri": [join(root, "packages/path-uri/src/index.ts")],
        "@holdfast/path-uri/zod": [join(root, "packages/path-uri/src/zod.ts")],
        "@holdfast/permission-profile": [join(root, "packages/permission-profile/src/index.ts")],
      },
    },
  );
  const problems = files.flatMap((file) => {
    const source = program.getSourceFile(join(root, file));
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  });
  if (problems.length > 0) {
    const texts = problems.map(
      ({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`,
    );
    throw new Error(`authored types do not compile:\n${texts.join("\n")}`);
  }
  return program;
}

/** Names of the types that files export, by the file that declares them. */
export function exportedTypes(root: string, program: Program, files: readonly string[]): Map<string, string> {
  const checker = program.getTypeChecker();
  const owners = new Map<string, string>();
  for (const file of files) {
    const source = program.getSourceFile(join(root, file));
    const symbol = source && checker.getSymbolAtLocation(source);
    if (symbol === undefined) throw new Error(`${file} exports nothing`);
    for (const { name } of checker.getExportsOfModule(symbol)) {
      const other = owners.get(name);
      if (other !== undefined) throw new Error(`type ${name} is exported by ${other} and by ${file}`);
      owners.set(name, file);
    }
  }
  return owners;
}

/** The words of every union of words, as they were written; the generator would sort them. */
export function declaredWordOrder(root: string, program: Program, files: readonly string[]): Map<string, string[]> {
  const orders = new Map<string, string[]>();
  for (const file of files) {
    program.getSourceFile(join(root, file))?.forEachChild((node) => {
      if (!ts.isTypeAliasDeclaration(node) || !ts.isUnionTypeNode(node.type)) return;
      const words = node.type.types.map((part) =>
        ts.isLiteralTypeNode(part) && ts.isStringLiteral(part.literal) ? part.literal.text : undefined,
      );
      if (words.every((word) => word !== undefined)) orders.set([...words].sort().join("\0"), words);
    });
  }
  return orders;
}

/** What the comments of these types say, wherever they are declared. */
export function commentsOf(program: Program, names: readonly string[]): Set<string> {
  const comments = new Set<string>();
  for (const source of program.getSourceFiles()) {
    source.forEachChild((node) => {
      if (!ts.isTypeAliasDeclaration(node) || !names.includes(node.name.text)) return;
      for (const comment of ts.getJSDocCommentsAndTags(node)) {
        comments.add(ts.getTextOfJSDocComment(comment.comment) ?? "");
      }
    });
  }
  return comments;
}
