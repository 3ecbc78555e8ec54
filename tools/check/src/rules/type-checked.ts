import { existsSync, globSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { repositoryRoot, type WorkspacePackage } from "../workspace.ts";

/** What `tsc -b` at the root looks at. */
const SOLUTION = "tsconfig.json";
const NOT_OURS: ReadonlySet<string> = new Set(["node_modules", "dist", ".cache", ".turbo", ".git"]);

interface Project {
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly files?: readonly string[];
  readonly references?: readonly { readonly path: string }[];
}

/**
 * Every TypeScript file belongs to a project of the root solution, so that `tsc -b` looks at it: tests too, where a type assertion
 * that nobody compiles would hold of anything.
 */
export function typeChecked(_packages: readonly WorkspacePackage[], root: string = repositoryRoot): readonly string[] {
  const projects = (readProject(join(root, SOLUTION)).references ?? []).map(({ path }) => path);
  const missing = projects.filter((path) => !existsSync(join(root, path, SOLUTION)));
  const covered = new Set(projects.filter((path) => !missing.includes(path)).flatMap((path) => filesOf(root, path)));
  const files = globSync("**/*.{ts,mts,cts}", {
    cwd: root,
    exclude: (path) => NOT_OURS.has(path.split("/").at(-1) ?? ""),
  });
  return [
    ...missing.map((path) => `${SOLUTION}: ${path} has no ${SOLUTION}; take the reference out`),
    ...files
      .sort()
      .filter((file) => !covered.has(file))
      .map((file) => `${file}: no project of the root ${SOLUTION} compiles it; add its project to the references`),
  ];
}

/** The files of a project by its `include`, from the root. */
function filesOf(root: string, path: string): readonly string[] {
  const { include = [] } = readProject(join(root, path, SOLUTION));
  return include
    .flatMap((pattern) => globSync([pattern, `${pattern}/**/*.{ts,mts,cts}`], { cwd: join(root, path) }))
    .map((file) => relative(root, join(root, path, file)));
}

function readProject(path: string): Project {
  // Comments are whole lines in the settings of this repository.
  return JSON.parse(readFileSync(path, "utf8").replace(/^\s*\/\/.*$/gm, "")) as Project;
}
