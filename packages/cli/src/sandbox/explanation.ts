import type { AccessRule } from "@holdfast/permission-profile";
import type { Access, Mount } from "./mounted-view.ts";

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
  readonly rule: AccessRule | MountRule;
}

/** The launch does more than the entries say: the mount that makes it so. */
export interface MountRule {
  readonly kind: "sandbox";
  readonly mount: Mount;
  /** Position of the entry that it is there for, where one is. */
  readonly index?: number;
}
