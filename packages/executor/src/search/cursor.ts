import { FileSystemFault } from "../filesystem/index.ts";
import type { BytePath } from "./file-tree.ts";

/** Where a page ended. */
export interface Position {
  /** The last path below the root that was looked at. */
  readonly below: BytePath;
  /** Lines of it that have been told; undefined: all that there are. */
  readonly line: number | undefined;
}

/** As text that means nothing to anybody else. */
export function cursorOf({ below, line }: Position): string {
  return `${line ?? ""}:${Buffer.from(below, "latin1").toString("base64")}`;
}

/** @throws FileSystemFault `invalid-input` - It is no cursor. */
export function positionOf(cursor: string): Position {
  const [, line = "", below = ""] = /^([0-9]{0,10}):([A-Za-z0-9+/]*={0,2})$/.exec(cursor) ?? [];
  if (below === "") throw new FileSystemFault("invalid-input", "`cursor` is none that a page was answered with");
  return { below: Buffer.from(below, "base64").toString("latin1"), line: line === "" ? undefined : Number(line) };
}
