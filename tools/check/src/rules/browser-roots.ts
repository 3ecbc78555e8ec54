import { join } from "node:path";
import { build } from "esbuild";
import { repositoryRoot, type WorkspacePackage } from "../workspace.ts";
import { LEVELS } from "./arrows.ts";

const HIGHEST_PURE_LEVEL = 2;

/** The root entries of the lower levels run in a browser: bundling them for one fails on any Node built-in. */
export async function browserRoots(packages: readonly WorkspacePackage[]): Promise<readonly string[]> {
  const pure = packages.filter(
    ({ name }) => name !== "@holdfast/testkit" && (LEVELS[name] ?? Infinity) <= HIGHEST_PURE_LEVEL,
  );
  const failures = await Promise.all(pure.map(bundleFailure));
  return failures.filter((failure) => failure !== undefined);
}

async function bundleFailure({ name, folder, manifest }: WorkspacePackage): Promise<string | undefined> {
  const entry = manifest.exports?.["."];
  const file = typeof entry === "object" ? entry.default : entry;
  if (file === undefined) return `${folder}: no root entry`;
  try {
    await build({
      entryPoints: [join(repositoryRoot, folder, file)],
      bundle: true,
      write: false,
      platform: "browser",
      format: "esm",
      logLevel: "silent",
    });
    return undefined;
  } catch (error) {
    return `${name}: the root entry does not bundle for a browser: ${error instanceof Error ? error.message : String(error)}`;
  }
}
