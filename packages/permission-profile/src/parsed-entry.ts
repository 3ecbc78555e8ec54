import type { z } from "zod";
import type { fileSystemPermissionsSchema, fileSystemSandboxEntrySchema } from "./file-system-schema.ts";

/** A `FileSystemSandboxEntry` whose literal path is a canonical `PathUri`. */
export type ParsedFileSystemSandboxEntry = z.output<typeof fileSystemSandboxEntrySchema>;

/** A `FileSystemPermissions` section whose literal paths are canonical `PathUri`s. */
export type ParsedFileSystemPermissions = z.output<typeof fileSystemPermissionsSchema>;
