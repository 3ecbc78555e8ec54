import { toNativePath } from "@holdfast/path-uri";
import type { DenyGlob } from "@holdfast/permission-profile";
import { quoted, regex, rule } from "./policy-text.ts";

/** What the patterns match, and everything below it, can neither be read nor moved away. Stands after what grants: the last rule decides. */
export function globRules(globs: readonly DenyGlob[], realOf: (path: string) => string): string {
  const filters = globs.map((glob) => regex(expressionOf(glob, realOf)));
  return rule("deny", "file-read* file-write*", filters);
}

function expressionOf({ base, pattern }: DenyGlob, realOf: (path: string) => string): string {
  const written = toNativePath(base, "macos");
  const segments = pattern
    .slice(written.length)
    .split("/")
    .filter((segment) => segment !== "");
  const folder = realOf(written).replace(/\/+$/, "");
  const names = segments.map((segment, index) => {
    const isLast = index === segments.length - 1;
    if (segment === "**") return isLast ? ".+" : "(.*/)?";
    return `${segmentExpression(segment)}${isLast ? "" : "/"}`;
  });
  return `^${quoted(folder)}${segments.length === 0 ? "" : "/"}${names.join("")}(/.*)?$`;
}

function segmentExpression(segment: string): string {
  const parts = segment.matchAll(/\\(.)|\[([!^]?)(\]?[^\]]*)\]|\*+|./gsu);
  return [...parts]
    .map(([text, escaped, negation, members]) => {
      if (escaped !== undefined) return quoted(escaped);
      if (members !== undefined) return negation === "" ? `[${members}]` : negated(members);
      if (text.startsWith("*")) return "[^/]*";
      return text === "?" ? "[^/]" : quoted(text);
    })
    .join("");
}

/** A class never matches a separator. A `]` has to stand first, a `-` last. */
function negated(members: string): string {
  return members.startsWith("]") ? `[^]/${members.slice(1)}]` : `[^/${members}]`;
}
