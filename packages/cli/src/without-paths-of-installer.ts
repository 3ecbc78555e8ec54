import { delimiter, dirname, join } from "node:path";
import { ownFolder } from "./own-folder.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The folder in which pnpm keeps packages. */
const PNPM_STORE = "/.pnpm/";

/**
 * The environment that whoever called had. pnpm starts the programs of a package by a script that puts the package's own
 * dependencies in front of `NODE_PATH`: commands would find Holdfast's where they mean theirs.
 */
export function withoutPathsOfInstaller(env: Environment, folder: () => string = ownFolder): Environment {
  if (env.NODE_PATH === undefined) return env;
  const added = addedFor(folder());
  const paths = env.NODE_PATH.split(delimiter);
  const first = paths.findIndex((path) => !added.has(path));
  if (first === 0) return env;
  const { NODE_PATH: _, ...rest } = env;
  return first === -1 ? rest : { ...rest, NODE_PATH: paths.slice(first).join(delimiter) };
}

/** `node_modules` of the package's folder and of those above it, as far as they are in the store. */
function addedFor(folder: string): ReadonlySet<string> {
  const added = new Set<string>();
  for (let each = folder; dirname(each) !== each; each = dirname(each)) {
    const path = each.endsWith("/node_modules") ? each : join(each, "node_modules");
    if (path.includes(PNPM_STORE)) added.add(path);
  }
  return added;
}
