import type { FileSystemAccessMode } from "./file-system-access-mode.ts";

/** Which access stands where two entries name the same place: the greater one. */
export const ACCESS_STRENGTH: Readonly<Record<FileSystemAccessMode, number>> = { read: 1, write: 2, deny: 3 };
