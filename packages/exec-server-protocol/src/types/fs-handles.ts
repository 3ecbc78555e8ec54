import type { PathUri } from "@holdfast/path-uri";
import type { FileSystemSandboxContext } from "@holdfast/permission-profile";
import type { EmptyResult } from "./json.ts";

/** Opens a regular file. A connection may hold 128. */
export interface FsOpenParams {
  /** Chosen by the client, unique on the connection. */
  handleId: string;
  path: PathUri;
  /** Default `read`; null is refused. Since 0.169; `replace` needs the capability `fileWriteStreaming`. */
  mode?: FsOpenMode;
  /** With these rights only. Needs the capability `sandboxedFileStreaming`. */
  sandbox?: FileSystemSandboxContext | null;
}

/** `replace` creates the file or empties it, for writing. */
export type FsOpenMode = "read" | "replace";

export interface FsOpenResult {
  /** As in the params. */
  handleId: string;
}

export interface FsReadBlockParams {
  handleId: string;
  /**
   * Byte to begin at; may lie behind the end.
   *
   * @format uint64
   */
  offset: number;
  /**
   * Bytes to read: 1 to 1,048,576.
   *
   * @format uint64
   */
  len: number;
}

export interface FsReadBlockResult {
  /**
   * Raw bytes in base64.
   *
   * @contentEncoding base64
   */
  chunk: string;
  /** Fewer bytes came than were asked for. A read up to exactly the end says false. */
  eof: boolean;
}

/** Writes into a file opened with mode `replace`. Since 0.169. */
export interface FsWriteBlockParams {
  handleId: string;
  /**
   * Byte to begin at; a hole before it is allowed.
   *
   * @format uint64
   */
  offset: number;
  /**
   * 1 to 1,048,576 raw bytes in base64.
   *
   * @contentEncoding base64
   */
  chunk: string;
}

export type FsWriteBlockResult = EmptyResult;

/** Closes a handle. One that is not open is no error. */
export interface FsCloseParams {
  handleId: string;
}

export type FsCloseResult = EmptyResult;
