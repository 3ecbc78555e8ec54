import type { ConfigEdit } from "@holdfast/app-server-protocol";
import type { TomlTable } from "../config/toml-document.ts";
import { isTable, jsonOf, memberOf } from "../config/toml-values.ts";

/** Which skill: by its name, or by the native path of its `SKILL.md`. */
export type SkillSelector = { readonly name: string } | { readonly path: string };

type Entry = Readonly<Record<string, unknown>>;

/** Whether a skill is used: what the configuration says of it last counts. */
export function isSkillEnabled(config: TomlTable, skill: { readonly name: string; readonly path: string }): boolean {
  const about = entriesOf(config).findLast((entry) => entry.path === skill.path || entry.name === skill.name);
  return about?.enabled !== false;
}

/** What has to be written so that a skill is used, or not. One of which nothing is said is used. */
export function skillEdit(config: TomlTable, selector: SkillSelector, isEnabled: boolean): ConfigEdit {
  const others = entriesOf(config).filter((entry) =>
    "name" in selector ? entry.name !== selector.name : entry.path !== selector.path,
  );
  const value = isEnabled ? others : [...others, { ...selector, enabled: false }];
  const mergeStrategy = "replace";
  if (value.length > 0) return { keyPath: "skills.config", value, mergeStrategy };
  const isAll = Object.keys(skillsOf(config)).every((name) => name === "config");
  return { keyPath: isAll ? "skills" : "skills.config", value: null, mergeStrategy };
}

function entriesOf(config: TomlTable): readonly Entry[] {
  const entries = memberOf(skillsOf(config), "config");
  return Array.isArray(entries) ? entries.filter(isTable).map((entry) => jsonOf(entry) as Entry) : [];
}

function skillsOf(config: TomlTable): TomlTable {
  const skills = memberOf(config, "skills");
  return isTable(skills) ? skills : {};
}
