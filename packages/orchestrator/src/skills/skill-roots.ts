import { type Executor, isFileError } from "@holdfast/exec-client";
import { ancestors, join, type PathUri } from "@holdfast/path-uri";
import type { SkillRoot } from "./discover-skills.ts";
import { callOptions, type DiscoveryPlace } from "./root-files.ts";

export interface SkillRootOptions {
  readonly cwd: PathUri;
  /** Codex's own folder there. Default: `.codex` in the home of the executor's user. */
  readonly codexHome?: PathUri | undefined;
  /** Names in the folder that a project begins at. Default: `.git`. */
  readonly projectMarkers?: readonly string[] | undefined;
}

/**
 * Where skills are looked for: `.agents/skills` in every folder from the beginning of the project down to the working folder, and `.codex/skills` in that
 * one; `.agents/skills` in the home; `skills` in Codex's own folder, and `skills/.system`, which come with it. None of them need be there.
 *
 * @throws LinkError
 */
export async function skillRoots(
  place: DiscoveryPlace & { readonly executor: Pick<Executor, "fs" | "environment"> },
  { cwd, codexHome, projectMarkers = [".git"] }: SkillRootOptions,
): Promise<readonly SkillRoot[]> {
  const home = place.executor.environment.userHomeDir;
  const own = codexHome ?? (home && join(home, ".codex"));
  return [
    ...(await projectFolders(place, cwd, projectMarkers)).map((folder) => root(folder, ".agents/skills", "repo")),
    root(cwd, ".codex/skills", "repo"),
    ...(home === undefined ? [] : [root(home, ".agents/skills", "user")]),
    ...(own === undefined ? [] : [root(own, "skills", "user"), root(own, "skills/.system", "system")]),
  ];
}

function root(folder: PathUri, path: string, scope: SkillRoot["scope"]): SkillRoot {
  return { path: join(folder, path), scope };
}

/** From the beginning of the project to the working folder; that alone, where no project begins above it. */
async function projectFolders(
  place: DiscoveryPlace,
  cwd: PathUri,
  markers: readonly string[],
): Promise<readonly PathUri[]> {
  const folders = [...ancestors(cwd)];
  const begins = await Promise.all(
    folders.map(async (folder) =>
      (await Promise.all(markers.map((name) => exists(place, join(folder, name))))).includes(true),
    ),
  );
  const first = begins.indexOf(true);
  return first === -1 ? [cwd] : folders.slice(0, first + 1).reverse();
}

async function exists(place: DiscoveryPlace, path: PathUri): Promise<boolean> {
  try {
    return await place.executor.fs.exists(path, callOptions(place));
  } catch (error) {
    if (isFileError(error)) return false;
    throw error;
  }
}
