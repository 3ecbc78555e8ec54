import { dirname, join } from "node:path/posix";

/** What a package holds: reads a file by its path in it; undefined when there is none. */
export interface PackedFiles {
  readonly paths: readonly string[];
  read(path: string): string | undefined;
}

const NEEDED = ["LICENSE", "README.md", "package.json"];
const FOREIGN = /\.tsbuildinfo$|^test\/|\.test\.|(?:^|\/)tsconfig\.json$/;

/** What is missing in a packed package, or has no business there. */
export function contentProblems({ paths, read }: PackedFiles): readonly string[] {
  const present = new Set(paths);
  return [
    ...NEEDED.filter((path) => !present.has(path)).map((path) => `lacks ${path}`),
    ...paths.filter((path) => FOREIGN.test(path)).map((path) => `holds ${path}, which nobody who installs it needs`),
    ...paths
      .filter((path) => path.endsWith(".map"))
      .flatMap((path) =>
        sourcesOf(path, read(path))
          // What a bundle took in lies in packages of their own.
          .filter((source) => !source.startsWith("../") && !present.has(source))
          .map((source) => `${path} leads to ${source}, which is not in the package; delete dist and build again`),
      ),
  ];
}

function sourcesOf(path: string, text = "{}"): readonly string[] {
  const { sources = [], sourceRoot = "" } = JSON.parse(text) as { sources?: readonly string[]; sourceRoot?: string };
  return sources.map((source) => join(dirname(path), sourceRoot, source));
}
