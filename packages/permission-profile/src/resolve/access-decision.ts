import type { PathUri } from "@holdfast/path-uri";
import type { ParsedFileSystemSandboxEntry } from "../parse/parsed-types.ts";
import type { FileSystemAccessMode } from "../types/file-system.ts";

/** The whole disk is open: the policy is not restricted. */
export interface WholeDiskRule {
  readonly kind: "whole-disk";
}

/** The target is no path of the enforcing machine, or its names can not be separated. */
export interface ForeignTargetRule {
  readonly kind: "foreign-target";
}

/** No entry contains the target. */
export interface UnmatchedRule {
  readonly kind: "unmatched";
}

/** The deepest entry that contains the target. */
export interface EntryRule {
  readonly kind: "entry";
  readonly entry: ParsedFileSystemSandboxEntry;
  /** Position of the entry in the policy. */
  readonly index: number;
  /** What the entry resolved to. */
  readonly path: PathUri;
}

/** A deny pattern matches the target or a folder above it. */
export interface GlobRule {
  readonly kind: "glob";
  /** As the entry writes it. */
  readonly pattern: string;
  readonly index: number;
}

/** A deny pattern can not be understood here, so everything is denied. */
export interface UnusableGlobRule {
  readonly kind: "unusable-glob";
  readonly pattern: string;
  readonly index: number;
  /** One sentence, naming the pattern. */
  readonly reason: string;
}

/** A name directly below a writable root that stays read-only unless an entry grants it by name. */
export interface ProtectedMetadataRule {
  readonly kind: "protected-metadata";
  readonly root: PathUri;
  /** Such as `.git`. */
  readonly name: string;
}

/** What decided an access. */
export type AccessRule =
  | WholeDiskRule
  | ForeignTargetRule
  | UnmatchedRule
  | EntryRule
  | GlobRule
  | UnusableGlobRule
  | ProtectedMetadataRule;

/** The access to one path, and why. */
export interface AccessDecision {
  readonly access: FileSystemAccessMode;
  readonly rule: AccessRule;
}
