import type { FileSystemSandboxContext, ParsedFileSystemSandboxContext } from "@holdfast/permission-profile";
import type { ReceivedWith, SendableWith } from "@holdfast/protocol-kit";
import type { FsWriteFileParams } from "./types/fs-content.ts";

/** Members that hold base64, in every message they occur in. */
export const BASE64_MEMBERS = ["bodyBase64", "chunk", "dataBase64", "deltaBase64", "targetBase64"] as const;

type Base64Member = (typeof BASE64_MEMBERS)[number];

/**
 * A message as its receiver gets it: its base64 has been decoded, into memory that is not shared, and the context of a
 * sandbox has been parsed. In Node the bytes are a `Buffer`.
 *
 * `fs/writeFile` refuses bad base64 itself, so that its text is decoded only when the frame was long: ask
 * `bytesOfBase64`.
 */
export type Received<T> = ReceivedWith<
  T,
  Base64Member,
  FsWriteFileParams,
  FileSystemSandboxContext,
  ParsedFileSystemSandboxContext
>;

/** A message as it may be given for sending: its base64 as text or as `Base64Bytes`. */
export type Sendable<T> = SendableWith<T, Base64Member>;
