import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { readWorkspace, repositoryRoot, type WorkspacePackage } from "../workspace.ts";

/** A package as the registry would get it. */
export interface PackedPackage {
  readonly name: string;
  /** Absolute path of the tarball. */
  readonly tarball: string;
}

/** What is published, by folder. */
export function publishedPackages(): readonly WorkspacePackage[] {
  return readWorkspace().filter(({ folder, manifest }) => folder.startsWith("packages/") && manifest.private !== true);
}

/** Pack every published package as a release does: by pnpm, which puts versions in the place of `workspace:` and `catalog:`. */
export function packAll(folder: string): readonly PackedPackage[] {
  return publishedPackages().map(({ name, folder: path }) => {
    const args = ["pack", "--json", "--pack-destination", folder];
    const stdout = run("pnpm", args, join(repositoryRoot, path));
    const { filename } = JSON.parse(stdout) as { readonly filename: string };
    return { name, tarball: join(folder, filename.split("/").at(-1) ?? filename) };
  });
}

/**
 * Run a program to its end. @returns what it printed.
 *
 * @throws Error - It ended with another code than 0: the command line, the code and the output.
 */
export function run(program: string, args: readonly string[], cwd: string): string {
  const { status, stdout, error } = spawnSync(program, args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${status}: ${stdout}`);
  return stdout;
}
