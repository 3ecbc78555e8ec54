import type { PathUri } from "@holdfast/path-uri";
import type { ParsedFileSystemSandboxEntry } from "../parse/parsed-types.ts";
import { namesOf } from "../paths/path-names.ts";

/** Text that two entries share exactly if they are about the same place by their own words, before anything is bound. */
export function entryTarget(path: ParsedFileSystemSandboxEntry["path"]): string {
  if (path.type === "path") return `0 ${literalTarget(path.path)}`;
  if (path.type === "glob_pattern") return `2 ${path.pattern}`;
  const { value } = path;
  switch (value.kind) {
    case "project_roots":
      return `1 project_roots ${value.subpath ?? ""}`;
    case "unknown":
      return `1 unknown ${JSON.stringify([value.path, value.subpath ?? ""])}`;
    default:
      return `1 ${value.kind}`;
  }
}

function literalTarget(path: PathUri): string {
  const names = namesOf(path);
  return names === undefined ? path : `/${names.join("/")}`;
}
