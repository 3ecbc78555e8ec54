import { displayPath, pathUriFromInferredNative } from "@holdfast/path-uri";
import type { Clock } from "@holdfast/rpc";
import { untilAborted } from "@holdfast/rpc/client";
import type { TomlTable } from "../../config/toml-document.ts";
import type { EnvironmentHandle } from "../../environments/environment-handle.ts";
import { discoverSkills, type Skill } from "../../skills/discover-skills.ts";
import { isSkillEnabled } from "../../skills/skill-config.ts";
import { skillRoots } from "../../skills/skill-roots.ts";
import type { ResolvedCapabilityRoot } from "../../steps/resolve-roots.ts";
import { DOCS_MAX_MS } from "../tools/limits.ts";
import { folderOf } from "../tools/place-folder.ts";
import { SKILL_WORDS_MAX, SKILLS_TEXT_MAX } from "./limits.ts";
import type { DocPlace } from "./project-docs.ts";

/** Where skills are looked for. */
export interface SkillPlaces {
  /** The primary environment of the turn, with its folder. Undefined: there is none. */
  readonly project: DocPlace | undefined;
  /** Folder of the configuration, for an environment that is this machine: a native absolute path. */
  readonly codexHome: string;
  /** Folders that the thread has selected, in the environments that they are in. */
  readonly roots: readonly ResolvedCapabilityRoot[];
  readonly config: TomlTable;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

interface PlacedSkill {
  readonly skill: Skill;
  readonly environmentId: string;
}

/** How the text begins. */
export const SKILLS_OPENING = "<skills_instructions>";

/**
 * The skills that there are for a turn, with where each can be read: a model reads the one that it needs with the tools that it has. What can not be looked at is left
 * out.
 *
 * @returns Undefined: there are none.
 */
export async function skillsText(places: SkillPlaces): Promise<string | undefined> {
  const { project, clock, signal } = places;
  const tooLate = new AbortController();
  const timer = clock.after(DOCS_MAX_MS, () => tooLate.abort());
  const wanted = AbortSignal.any([signal, tooLate.signal]);
  const looked = [
    ...(project === undefined ? [] : [ofProject(project, places, wanted)]),
    ...places.roots.map((root) => ofRoot(root, wanted)),
  ];
  const found = await Promise.all(looked.map((each) => untilAborted(each, wanted).catch(() => [])));
  timer.cancel();
  signal.throwIfAborted();
  return textOf(found.flat(), project?.handle.id);
}

async function ofProject(
  { handle, folder }: DocPlace,
  { codexHome, config }: SkillPlaces,
  signal: AbortSignal,
): Promise<readonly PlacedSkill[]> {
  const executor = await handle.executor(signal);
  const place = { executor, signal };
  const own = handle.isRemote ? undefined : pathUriFromInferredNative(codexHome);
  const roots = await skillRoots(place, { cwd: folderOf({ cwd: folder, executor }), codexHome: own });
  const { skills } = await discoverSkills(place, roots);
  const isUsed = ({ name, path }: Skill): boolean => isSkillEnabled(config, { name, path: displayPath(path) });
  return placed(skills.filter(isUsed), handle);
}

async function ofRoot({ path, handle }: ResolvedCapabilityRoot, signal: AbortSignal): Promise<readonly PlacedSkill[]> {
  const executor = await handle.executor(signal);
  const root = { path: folderOf({ cwd: path, executor }), scope: "user" } as const;
  const { skills } = await discoverSkills({ executor, signal }, [root]);
  return placed(skills, handle);
}

function placed(skills: readonly Skill[], { id: environmentId }: EnvironmentHandle): readonly PlacedSkill[] {
  return skills.map((skill) => ({ skill, environmentId }));
}

function textOf(skills: readonly PlacedSkill[], primaryId: string | undefined): string | undefined {
  const lines = new Set<string>();
  let left = SKILLS_TEXT_MAX;
  for (const { skill, environmentId } of skills) {
    const where = environmentId === primaryId ? "" : `, environment: ${environmentId}`;
    const line = `- ${oneLine(skill.name)}: ${oneLine(skill.description)} (file: ${displayPath(skill.path)}${where})`;
    if (lines.has(line)) continue;
    left -= line.length;
    if (left < 0) break;
    lines.add(line);
  }
  if (lines.size === 0) return undefined;
  const rest = new Set(skills).size - lines.size;
  return [
    SKILLS_OPENING,
    "A skill is a file with instructions for one kind of work. Before you do such work, or where the user names a skill, read its file whole, and follow it; what it refers to lies beside it.",
    ...lines,
    ...(left < 0 && rest > 0 ? [`- and ${rest} more, which are not listed`] : []),
    "</skills_instructions>",
  ].join("\n");
}

/** Words of a file that is somebody else's. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").slice(0, SKILL_WORDS_MAX);
}
