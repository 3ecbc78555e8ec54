import type { AccessRule, FileSystemAccessMode, ParsedFileSystemSandboxEntry } from "@holdfast/permission-profile";
import type { Mount } from "../linux/mount-list.ts";

/** What a confined command may do with one path, and why. */
export interface Explanation {
  /** As it was asked for: absolute. */
  readonly asked: string;
  /** Where it leads: absolute, without links as far as it exists. */
  readonly path: string;
  readonly exists: boolean;
  /** By the sandbox alone; the owner and the rights of the file decide as well. `deny`: neither reading nor writing. */
  readonly access: FileSystemAccessMode;
  readonly rule: DecidingRule;
}

/** What decided: a rule of the permissions, or what the launch does besides. */
export type DecidingRule = AccessRule | MountRule | MissingGrantRule;

/** An entry of the permissions, and its position there. */
export interface NumberedEntry {
  readonly index: number;
  readonly entry: ParsedFileSystemSandboxEntry;
}

/** A mount that no entry asks for in so many words. */
export interface MountRule {
  readonly kind: "sandbox";
  readonly mount: Mount;
  /** The entry that it is there for, where one is. */
  readonly cause?: NumberedEntry | undefined;
  /** Is it there so that no command changes the program that confines it? Default false. */
  readonly isProgram?: boolean | undefined;
}

/** An entry grants writing, but in a place that does not exist: no sandbox can show it. */
export interface MissingGrantRule {
  readonly kind: "missing-grant";
  readonly cause: NumberedEntry;
  /** Native path that does not exist. */
  readonly path: string;
}
