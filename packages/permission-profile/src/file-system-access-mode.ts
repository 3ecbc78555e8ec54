/**
 * What an entry grants. `write` includes reading. At the same depth `deny` beats `write`, and `write` beats `read`.
 *
 * Receivers also take `none`, an older word for `deny`; senders write `deny`.
 */
export type FileSystemAccessMode = "read" | "write" | "deny";
