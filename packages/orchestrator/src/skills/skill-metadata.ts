import { joinDescendant, type PathUri } from "@holdfast/path-uri";
import { isMap, isSeq, type YAMLMap } from "yaml";
import { mapIn, text } from "./front-matter.ts";

/** How a skill is shown to people. */
export interface SkillInterface {
  readonly displayName: string | undefined;
  readonly shortDescription: string | undefined;
  /** Pictures, below the folder of the skill. */
  readonly iconSmall: PathUri | undefined;
  readonly iconLarge: PathUri | undefined;
  /** E.g. `#ff0000`. */
  readonly brandColor: string | undefined;
  readonly defaultPrompt: string | undefined;
}

/** A tool that a skill needs, such as an MCP server. */
export interface SkillToolDependency {
  /** E.g. `mcp`. */
  readonly type: string;
  readonly value: string;
  readonly description: string | undefined;
  readonly transport: string | undefined;
  readonly command: string | undefined;
  readonly url: string | undefined;
}

/** What `agents/openai.yaml` beside a skill says. */
export interface SkillMetadata {
  readonly interface: SkillInterface | undefined;
  readonly tools: readonly SkillToolDependency[];
}

/**
 * @param folder - Of the skill; pictures lie below it.
 * @throws Error - It is no YAML map.
 */
export function skillMetadata(yaml: string, folder: PathUri): SkillMetadata {
  const [map, problem] = mapIn(yaml);
  if (map === undefined) throw new Error(`invalid YAML: ${problem ?? "it must be a map"}`);
  const shown = map.get("interface", true);
  const needs = map.get("dependencies", true);
  return {
    interface: isMap(shown) ? interfaceOf(shown, folder) : undefined,
    tools: isMap(needs) ? toolsOf(needs) : [],
  };
}

function interfaceOf(map: YAMLMap, folder: PathUri): SkillInterface | undefined {
  const shown = {
    displayName: text(map, "display_name"),
    shortDescription: text(map, "short_description"),
    iconSmall: pictureIn(map, "icon_small", folder),
    iconLarge: pictureIn(map, "icon_large", folder),
    brandColor: text(map, "brand_color"),
    defaultPrompt: text(map, "default_prompt"),
  };
  return Object.values(shown).every((value) => value === undefined) ? undefined : shown;
}

/** A path that leads out of the folder is none. */
function pictureIn(map: YAMLMap, key: string, folder: PathUri): PathUri | undefined {
  const path = text(map, key);
  if (path === undefined) return undefined;
  try {
    return joinDescendant(folder, path);
  } catch {
    return undefined;
  }
}

function toolsOf(map: YAMLMap): SkillToolDependency[] {
  const tools = map.get("tools", true);
  if (!isSeq(tools)) return [];
  return tools.items.flatMap((item) => {
    if (!isMap(item)) return [];
    const type = text(item, "type");
    const value = text(item, "value");
    if (type === undefined || value === undefined) return [];
    const [description, transport, command, url] = ["description", "transport", "command", "url"].map((key) =>
      text(item, key),
    );
    return [{ type, value, description, transport, command, url }];
  });
}
