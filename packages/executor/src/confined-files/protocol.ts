import type { PathUri } from "@holdfast/path-uri";
import type { FaultKind, FileHandleMode, Metadata, WalkOptions, WalkResult } from "../filesystem/index.ts";
import type { ByteText } from "./byte-text.ts";
import type { HelperEntryOperations } from "./entry-protocol.ts";

interface Links {
  readonly followSymlinks: boolean;
}

/** An entry of a folder. */
export interface ListedName {
  readonly name: ByteText;
  readonly isDirectory: boolean;
  readonly isFile: boolean;
}

/** Operations of a helper: what each takes and answers. File content travels as the frame's payload. */
export interface HelperOperations extends HelperEntryOperations {
  readFile: { takes: { path: ByteText } & Links; answers: Record<string, never> };
  writeFile: { takes: { path: ByteText } & Links; answers: Record<string, never> };
  createDirectory: { takes: { path: ByteText; recursive: boolean } & Links; answers: Record<string, never> };
  getMetadata: { takes: { path: ByteText } & Links; answers: Metadata };
  canonicalize: { takes: { path: ByteText }; answers: { path: ByteText } };
  readDirectory: { takes: { path: ByteText; danglingLinks: boolean }; answers: { entries: readonly ListedName[] } };
  copy: { takes: { from: ByteText; to: ByteText; recursive: boolean }; answers: Record<string, never> };
  remove: {
    takes: {
      path: ByteText;
      recursive: boolean;
      force: boolean;
      home: ByteText | undefined;
      cwd: ByteText | undefined;
    } & Links;
    answers: Record<string, never>;
  };
  walk: { takes: { root: ByteText; options: WalkOptions }; answers: WalkResult<PathUri> };
  open: { takes: { handle: number; path: ByteText; mode: FileHandleMode }; answers: Record<string, never> };
  readBlock: { takes: { handle: number; offset: number; length: number }; answers: { eof: boolean } };
  writeBlock: { takes: { handle: number; offset: number }; answers: Record<string, never> };
  close: { takes: { handle: number }; answers: Record<string, never> };
}

export type HelperOperation = keyof HelperOperations;

/** One call, as JSON. */
export interface HelperRequest<Name extends HelperOperation = HelperOperation> {
  readonly id: number;
  readonly operation: Name;
  readonly takes: HelperOperations[Name]["takes"];
}

/** Its answer, as JSON. */
export type HelperReply =
  | { readonly id: number; readonly status: "ok"; readonly operation: HelperOperation; readonly answers: unknown }
  | {
      readonly id: number;
      readonly status: "error";
      readonly kind: FaultKind;
      readonly message: string;
      readonly code?: string | undefined;
      readonly syscall?: string | undefined;
    };
