import { isFileError, isUnsupported } from "@holdfast/exec-client";
import { basename, displayPath, type PathUri, parent } from "@holdfast/path-uri";
import { forEachAtOnce } from "../for-each-at-once.ts";
import { FrontMatterError, skillHead } from "./front-matter.ts";
import { FILES_AT_ONCE } from "./limits.ts";
import { callOptions, type DiscoveryPlace, readCapabilityFile, rootFiles } from "./root-files.ts";
import { type SkillMetadata, skillMetadata } from "./skill-metadata.ts";

/** Whose skills: of the repository, of the user, of the program, or of who looks after the machine. */
export type SkillScope = "repo" | "user" | "system" | "admin";

/** A folder with skills below it. */
export interface SkillRoot {
  readonly path: PathUri;
  readonly scope: SkillScope;
}

/** Instructions for one kind of work, which a model reads when it has that to do. */
export interface Skill extends SkillMetadata {
  readonly name: string;
  readonly description: string;
  readonly shortDescription: string | undefined;
  /** Its `SKILL.md`, links resolved. */
  readonly path: PathUri;
  readonly scope: SkillScope;
}

export interface SkillProblem {
  /** Native path. */
  readonly path: string;
  readonly message: string;
}

export interface DiscoveredSkills {
  /** Those of the repository first, then of the user, the program and the machine; by name, then by path. */
  readonly skills: readonly Skill[];
  readonly problems: readonly SkillProblem[];
  /** A root has more than is looked at. */
  readonly isTruncated: boolean;
}

const SKILL_FILE = "SKILL.md";
const METADATA_FILE = "openai.yaml";
const METADATA_FOLDER = "agents";
const SCOPES: readonly SkillScope[] = ["repo", "user", "system", "admin"];

/**
 * The skills below some folders of an executor: every `SKILL.md`, up to six folders deep. Links to folders are followed, hidden folders are left
 * out. Each root is listed by one call, whatever is in it; a root that is not there has none.
 *
 * @throws LinkError - The connection is lost. What else goes wrong is told in `problems`.
 */
export async function discoverSkills(place: DiscoveryPlace, roots: readonly SkillRoot[]): Promise<DiscoveredSkills> {
  const skills = new Map<PathUri, Skill>();
  const problems: SkillProblem[] = [];
  let isTruncated = false;
  const found: { readonly path: PathUri; readonly scope: SkillScope; readonly metadata: PathUri | undefined }[] = [];
  const listed = await Promise.all(roots.map((root) => listRoot(place, root, problems)));
  for (const [index, files] of listed.entries()) {
    const scope = roots[index]?.scope ?? "user";
    isTruncated ||= files.isTruncated;
    const metadata = new Map(files.files.flatMap((path) => (isMetadata(path) ? [[skillOf(path), path]] : [])));
    for (const path of files.files) {
      if (basename(path) === SKILL_FILE) found.push({ path, scope, metadata: metadata.get(parent(path)) });
    }
  }
  const order = new Map<PathUri, number>();
  await forEachAtOnce([...found.entries()], FILES_AT_ONCE, async ([index, { path, scope, metadata }]) => {
    const skill = await readSkill(place, { path, scope, metadata }, problems);
    if (skill === undefined) return;
    // The same folder, by another way: the first root has it.
    const known = order.get(skill.path);
    if (known !== undefined && known < index) return;
    order.set(skill.path, index);
    skills.set(skill.path, skill);
  });
  return {
    skills: [...skills.values()].sort(bySkill),
    problems: problems.sort((a, b) => compare(a.path, b.path)),
    isTruncated,
  };
}

async function listRoot(place: DiscoveryPlace, { path }: SkillRoot, problems: SkillProblem[]) {
  try {
    const files = await rootFiles(place, path, { hidden: false });
    problems.push(...(files?.problems ?? []));
    return files ?? { files: [], isTruncated: false };
  } catch (error) {
    if (!isFileError(error) && !isUnsupported(error)) throw error;
    problems.push({ path: displayPath(path), message: error.message });
    return { files: [], isTruncated: false };
  }
}

function isMetadata(path: PathUri): boolean {
  const folder = parent(path);
  return basename(path) === METADATA_FILE && folder !== undefined && basename(folder) === METADATA_FOLDER;
}

function skillOf(metadata: PathUri): PathUri | undefined {
  const folder = parent(metadata);
  return folder === undefined ? undefined : parent(folder);
}

async function readSkill(
  place: DiscoveryPlace,
  {
    path,
    scope,
    metadata,
  }: { readonly path: PathUri; readonly scope: SkillScope; readonly metadata: PathUri | undefined },
  problems: SkillProblem[],
): Promise<Skill | undefined> {
  const [file, real, more] = await Promise.all([
    readCapabilityFile(place, path),
    place.executor.fs.canonicalize(path, callOptions(place)).catch((error: unknown) => {
      if (!isFileError(error)) throw error;
      return path;
    }),
    metadata === undefined ? undefined : readCapabilityFile(place, metadata),
  ]);
  const tell = (about: PathUri, message: string): void => void problems.push({ path: displayPath(about), message });
  if ("reason" in file) {
    tell(path, `failed to read file: ${file.reason}`);
    return undefined;
  }
  try {
    const { name, ...head } = skillHead(file.contents);
    const folder = parent(real);
    const named = name ?? (folder === undefined ? undefined : basename(folder));
    return { name: named ?? SKILL_FILE, ...head, ...metadataOf(), path: real, scope };
  } catch (error) {
    if (!(error instanceof FrontMatterError)) throw error;
    tell(path, error.message);
    return undefined;
  }

  /** A skill without its looks is one. */
  function metadataOf(): SkillMetadata {
    const none = { interface: undefined, tools: [] };
    if (more === undefined || metadata === undefined) return none;
    if ("reason" in more) {
      tell(metadata, `failed to read file: ${more.reason}`);
      return none;
    }
    try {
      return skillMetadata(more.contents, parent(real) ?? real);
    } catch (error) {
      tell(metadata, error instanceof Error ? error.message : String(error));
      return none;
    }
  }
}

function bySkill(a: Skill, b: Skill): number {
  return SCOPES.indexOf(a.scope) - SCOPES.indexOf(b.scope) || compare(a.name, b.name) || comparePaths(a.path, b.path);
}

/** Folder by folder: a name comes before one that it begins. */
function comparePaths(a: PathUri, b: PathUri): number {
  const [names, others] = [a.split("/"), b.split("/")];
  const at = names.findIndex((name, index) => name !== others[index]);
  return at === -1 ? 0 : compare(names[at] ?? "", others[at] ?? "");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
