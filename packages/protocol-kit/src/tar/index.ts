export { TAR_RECORD_BYTES, type TarEntry, type TarEntryKind, tarPadding } from "./entry.ts";
export { TAR_EXTENSION_MAX_BYTES, TarError, type TarPart, TarReader } from "./read-tar.ts";
export { TAR_END, tarHeader } from "./write-tar.ts";
