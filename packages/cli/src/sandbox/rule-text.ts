import { displayPath } from "@holdfast/path-uri";
import type { ParsedFileSystemSandboxEntry } from "@holdfast/permission-profile";
import type { Explanation } from "./explanation.ts";

/** The rule in one line for people. Entries are counted from 0, as in the messages about a profile. */
export function ruleText({ rule, access }: Pick<Explanation, "rule" | "access">): string {
  switch (rule.kind) {
    case "whole-disk":
      return "whole disk: files are not restricted";
    case "foreign-target":
      return "no path of this machine";
    case "unmatched":
      return "nothing matched: no entry is about it";
    case "entry":
      return `entry ${rule.index}: ${entryText(rule.entry, displayPath(rule.path))} ${rule.entry.access}`;
    case "glob":
      return `entry ${rule.index}: pattern ${rule.pattern} deny`;
    case "unusable-glob":
      return `entry ${rule.index}: ${rule.reason}`;
    case "protected-metadata":
      return `protected metadata: ${rule.name} of ${displayPath(rule.root)}`;
    case "sandbox":
      return sandboxText(rule, access);
  }
}

function sandboxText(
  { mount, index }: Extract<Explanation["rule"], { kind: "sandbox" }>,
  access: Explanation["access"],
): string {
  if (mount.kind === "own") return `the sandbox has a ${mount.path} of its own`;
  const entry = index === undefined ? "" : `entry ${index}: `;
  if (mount.kind === "show") {
    return access === "read" && index === undefined
      ? `protected metadata: a .git file points to ${mount.path}`
      : `${entry}${mount.path}`;
  }
  return `${entry}${index === undefined ? "the sandbox covers" : "covers"} ${mount.path}`;
}

/** As the profile writes it, and where that is if it is elsewhere or a symbol. */
function entryText({ path }: ParsedFileSystemSandboxEntry, place: string): string {
  const written = writtenPath(path);
  return written === place || (path.type === "special" && path.value.kind === "root")
    ? written
    : `${written} = ${place}`;
}

function writtenPath(path: ParsedFileSystemSandboxEntry["path"]): string {
  if (path.type === "path") return displayPath(path.path);
  if (path.type === "glob_pattern") return path.pattern;
  const { value } = path;
  const name = value.kind === "unknown" ? value.path : value.kind;
  return "subpath" in value && value.subpath ? `${name}/${value.subpath}` : name;
}
