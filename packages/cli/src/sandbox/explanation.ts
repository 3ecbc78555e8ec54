import type { AccessRule, ParsedFileSystemSandboxEntry } from "@holdfast/permission-profile";
import type { Access, Mount } from "./mounted-view.ts";

/** What decided. */
export type Rule = AccessRule | MountRule | MissingGrantRule;

/** What the sandbox makes of one path. */
export interface Explanation {
  /** As it was asked for. */
  readonly asked: string;
  /** The same as an absolute path. */
  readonly absolute: string;
  /** Where it leads: absolute, without links. */
  readonly path: string;
  readonly exists: boolean;
  readonly access: Access;
  readonly rule: Rule;
}

/** An entry of the profile and its position there. */
export interface NumberedEntry {
  readonly index: number;
  readonly entry: ParsedFileSystemSandboxEntry;
}

/** The launch does more than the entries say: the mount that makes it so. */
export interface MountRule {
  readonly kind: "sandbox";
  readonly mount: Mount;
  /** The entry that it is there for, where one is. */
  readonly cause?: NumberedEntry | undefined;
  /** Is it there so that no command changes the program that confines it? */
  readonly isProgram?: boolean | undefined;
}

/** An entry grants writing, but in a place that does not exist: no sandbox can show it. */
export interface MissingGrantRule {
  readonly kind: "missing-grant";
  readonly cause: NumberedEntry;
  /** Native path that does not exist. */
  readonly path: string;
}
