import type { PathUri } from "@holdfast/path-uri";
import type { RemotePath } from "../paths.ts";
import type { RemoteFileHandle } from "./file-handle.ts";
import type { FileCallOptions, FileData, FileMetadata, LinkedFileCallOptions, WriteFileOptions } from "./types.ts";

/** `read`, or `replace`: create the file or empty it, for writing. `replace` needs the capability `fileWriteStreaming`. */
export type OpenMode = "read" | "replace";

/** The single calls that transfers of many calls are made of; `ExecutorFileSystem` says what each does. */
export interface FileOperations {
  open(
    path: RemotePath,
    options?: FileCallOptions & { readonly mode?: OpenMode | undefined },
  ): Promise<RemoteFileHandle>;
  writeFile(path: RemotePath, data: FileData, options?: WriteFileOptions): Promise<void>;
  remove(
    path: RemotePath,
    options?: LinkedFileCallOptions & {
      readonly recursive?: boolean | undefined;
      readonly force?: boolean | undefined;
    },
  ): Promise<void>;
  copy(
    source: RemotePath,
    destination: RemotePath,
    options?: FileCallOptions & { readonly recursive?: boolean | undefined },
  ): Promise<void>;
  canonicalize(path: RemotePath, options?: FileCallOptions): Promise<PathUri>;
  metadata(path: RemotePath, options?: LinkedFileCallOptions): Promise<FileMetadata>;
}
