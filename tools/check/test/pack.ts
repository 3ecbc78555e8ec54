import { parseSource } from "../src/source-file.ts";
import type { Manifest, WorkspacePackage } from "../src/workspace.ts";

/**
 * A package for a rule to look at, named for its folder.
 *
 * @param files - Texts by path below `src`.
 */
export function pack(
  folder: string,
  files: Readonly<Record<string, string>>,
  manifest: Partial<Manifest> = {},
): WorkspacePackage {
  const name = `@holdfast/${folder.split("/").at(-1)}`;
  return {
    name,
    folder,
    manifest: { name, ...manifest },
    sources: Object.entries(files).map(([file, text]) => parseSource(`${folder}/src/${file}`, text)),
  };
}
