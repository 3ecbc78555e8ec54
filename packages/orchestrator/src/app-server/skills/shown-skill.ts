import type { SkillMetadata } from "@holdfast/app-server-protocol";
import { displayPath, type PathUri } from "@holdfast/path-uri";
import type { TomlTable } from "../../config/toml-document.ts";
import type { Skill } from "../../skills/discover-skills.ts";
import { isSkillEnabled } from "../../skills/skill-config.ts";

/** A skill, as clients are told of it. */
export function shownSkill(skill: Skill, config: TomlTable): SkillMetadata {
  const { name, description, shortDescription, scope, tools, interface: looks } = skill;
  const path = displayPath(skill.path);
  return {
    name,
    description,
    ...(shortDescription === undefined ? {} : { shortDescription }),
    ...(looks === undefined ? {} : { interface: shownLooks(looks) }),
    ...(tools.length === 0 ? {} : { dependencies: { tools: tools.map(withoutUndefined) } }),
    path,
    scope,
    enabled: isSkillEnabled(config, { name, path }),
    pluginId: null,
  };
}

function shownLooks(looks: NonNullable<Skill["interface"]>): NonNullable<SkillMetadata["interface"]> {
  const { displayName, shortDescription, iconSmall, iconLarge, brandColor, defaultPrompt } = looks;
  return {
    displayName: displayName ?? null,
    shortDescription: shortDescription ?? null,
    iconSmall: pathOf(iconSmall),
    iconLarge: pathOf(iconLarge),
    iconSmallUrl: null,
    iconLargeUrl: null,
    brandColor: brandColor ?? null,
    defaultPrompt: defaultPrompt ?? null,
  };
}

function pathOf(path: PathUri | undefined): string | null {
  return path === undefined ? null : displayPath(path);
}

function withoutUndefined({ type, value, ...others }: Skill["tools"][number]) {
  const given = Object.entries(others).filter(([, each]) => each !== undefined);
  return { type, value, ...(Object.fromEntries(given) as Record<string, string>) };
}
