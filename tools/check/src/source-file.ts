import { type ParseResult, type Program, parseSync, Visitor } from "oxc-parser";

/** One source file, by its path from the root. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  /** Module names that it imports, in order; for types only, too. */
  readonly imports: readonly string[];
  /** Its syntax tree: made when a rule asks. */
  readonly program: Program;
}

/**
 * Parse a source text.
 *
 * @param path - From the root; says by its ending whether it is TypeScript.
 * @throws Error - It does not parse: the first problem, with the path.
 */
export function parseSource(path: string, text: string): SourceFile {
  const parsed = parseSync(path, text);
  const [problem] = parsed.errors;
  if (problem !== undefined) throw new Error(`${path}: ${problem.message}`);
  return {
    path,
    text,
    imports: importsOf(parsed, text),
    // The parser hands the tree over when it is first asked for, which is most of its cost.
    get program() {
      return parsed.program;
    },
  };
}

function importsOf(parsed: ParseResult, text: string): readonly string[] {
  const { staticImports, staticExports, dynamicImports } = parsed.module;
  const found = [
    ...staticImports.map(({ moduleRequest }) => moduleRequest),
    ...staticExports.flatMap(({ entries }) => entries.map(({ moduleRequest }) => moduleRequest)),
    ...dynamicImports.map(({ moduleRequest: { start, end } }) => ({ start, value: literal(text.slice(start, end)) })),
  ].filter((request) => request !== null);
  // `import("x").T` is a type: the module record leaves it out, and only a look at the whole tree finds it.
  if (text.split("import(").length - 1 > dynamicImports.length) {
    const { program } = parsed;
    new Visitor({
      TSImportType: ({ source: { start, value } }) => void found.push({ start, value }),
    }).visit(program);
  }
  const byPlace = new Map(found.sort((a, b) => a.start - b.start).map(({ start, value }) => [start, value]));
  return [...byPlace.values()].filter((name) => name !== undefined);
}

/** The text in a string literal; nothing for any other expression. */
function literal(expression: string): string | undefined {
  return /^(["'`])(?<text>[^$]*)\1$/.exec(expression)?.groups?.text;
}
