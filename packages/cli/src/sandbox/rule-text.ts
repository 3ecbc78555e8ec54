import { displayPath } from "@holdfast/path-uri";
import type { ParsedFileSystemSandboxEntry } from "@holdfast/permission-profile";
import type { DecidingRule, MountRule, NumberedEntry } from "@holdfast/sandbox";

/** The rule in one line for people. Entries are counted from 0, as in the messages about a profile. */
export function ruleText(rule: DecidingRule): string {
  switch (rule.kind) {
    case "whole-disk":
      return "whole disk: files are not restricted";
    case "foreign-target":
      return "no path of this machine";
    case "unmatched":
      return "nothing matched: no entry is about it";
    case "entry":
      return entryText(rule, displayPath(rule.path));
    case "glob":
      return `entry ${rule.index}: pattern ${rule.pattern} deny`;
    case "unusable-glob":
      return `entry ${rule.index}: ${rule.reason}`;
    case "protected-metadata":
      return `protected metadata: ${rule.name} of ${displayPath(rule.root)}`;
    case "missing-grant":
      return `${entryText(rule.cause, rule.path)}, but that does not exist`;
    case "sandbox":
      return mountText(rule);
  }
}

function mountText({ mount, cause, isProgram }: MountRule): string {
  if (isProgram === true) return `part of what confines the command: ${mount.path}`;
  if (mount.kind === "own") return `the sandbox has a ${mount.path} of its own`;
  if (mount.kind === "show") {
    return cause === undefined ? `protected metadata: git reads ${mount.path}` : entryText(cause, mount.path);
  }
  return cause === undefined ? `the sandbox covers ${mount.path}` : `${entryText(cause)}, which covers ${mount.path}`;
}

/** As the profile writes it, and where that is if it is elsewhere or a symbol. */
function entryText({ index, entry }: NumberedEntry, place?: string): string {
  const { path, access } = entry;
  const written = writtenPath(path);
  const isPlain = place === undefined || written === place || (path.type === "special" && path.value.kind === "root");
  return `entry ${index}: ${written}${isPlain ? "" : ` = ${place}`} ${access}`;
}

function writtenPath(path: ParsedFileSystemSandboxEntry["path"]): string {
  if (path.type === "path") return displayPath(path.path);
  if (path.type === "glob_pattern") return `pattern ${path.pattern}`;
  const { value } = path;
  const name = value.kind === "unknown" ? value.path : value.kind;
  return "subpath" in value && value.subpath ? `${name}/${value.subpath}` : name;
}
