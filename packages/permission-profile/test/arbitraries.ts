import type { FileSystemSpecialPath, ParsedFileSystemSandboxEntry } from "@holdfast/permission-profile";
import fc from "fast-check";
import { glob, literalEntry, posix, restricted, special } from "./policies.ts";

/*
 * Few names and shallow paths, so that entries meet, nest and contradict each other often.
 */

const name = fc.constantFrom("r", "a", "b", ".git", ".codex", "x.env", "ü", "r r");

export const pathNames = fc.array(name, { maxLength: 5 });

export const posixPath = pathNames.map((names) => posix(`/${names.join("/")}`));

const access = fc.constantFrom("read", "write", "deny");

const subpath = fc.constantFrom(undefined, null, "", "a", ".git", "a/b", "..", "/abs", "./a", "a/../b");

const place: fc.Arbitrary<FileSystemSpecialPath> = fc.oneof(
  fc.constantFrom<FileSystemSpecialPath>(
    { kind: "root" },
    { kind: "minimal" },
    { kind: "tmpdir" },
    { kind: "slash_tmp" },
    { kind: "unknown", path: ":later" },
  ),
  subpath.map(
    (text): FileSystemSpecialPath =>
      text === undefined ? { kind: "project_roots" } : { kind: "project_roots", subpath: text },
  ),
);

const pattern = fc
  .array(fc.constantFrom("a", "b", "r", "*", "**", "?", "*.env", "[ab]", ".g*"), { minLength: 1, maxLength: 4 })
  .chain((segments) => fc.constantFrom("", "/", "~/").map((start) => `${start}${segments.join("/")}`));

const plainEntry = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(posixPath, access).map(([path, mode]) => literalEntry(path, mode)) },
  { weight: 1, arbitrary: fc.tuple(place, access).map(([value, mode]) => special(value, mode)) },
);

const skippable = fc
  .tuple(plainEntry, fc.constantFrom<"skip" | null | undefined>("skip", null, undefined))
  .map(
    ([entry, skip]): ParsedFileSystemSandboxEntry =>
      skip === undefined ? entry : { ...entry, missing_path_behavior: skip },
  );

/** Entries without patterns. */
export const entriesWithoutGlobs = fc.array(skippable, { maxLength: 8 });

/** Entries of every kind. */
export const entries = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: skippable },
    { weight: 1, arbitrary: fc.tuple(pattern, access).map(([text, mode]) => glob(text, mode)) },
  ),
  { maxLength: 8 },
);

/** A policy with entries of every kind. */
export const policy = entries.map((list) => restricted(...list));
