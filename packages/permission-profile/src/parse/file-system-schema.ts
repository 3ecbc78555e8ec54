import * as z from "zod";
import { MAX_ENTRIES } from "./max-entries.ts";
import { expecting, pathUriMember, tagRefusal, variantRefusal, variantSchema } from "./wire-schema.ts";

const SPECIAL_KINDS = [
  "root",
  "minimal",
  "current_working_directory",
  "project_roots",
  "tmpdir",
  "slash_tmp",
  "unknown",
] as const;

const subpath = z.exactOptional(z.nullable(z.string(expecting("subpath", "a string"))));

/** Reads a `FileSystemSpecialPath`; `current_working_directory` becomes `project_roots`. */
export const fileSystemSpecialPathSchema = z.discriminatedUnion(
  "kind",
  [
    z.object({ kind: z.literal("root") }),
    z.object({ kind: z.literal("minimal") }),
    z.object({
      kind: z.literal(["project_roots", "current_working_directory"]).transform(() => "project_roots" as const),
      subpath,
    }),
    z.object({ kind: z.literal("tmpdir") }),
    z.object({ kind: z.literal("slash_tmp") }),
    z.object({ kind: z.literal("unknown"), path: z.string(expecting("path", "a string")), subpath }),
  ],
  tagRefusal("value", "kind", SPECIAL_KINDS),
);

/** Reads a `FileSystemPath`; literal paths become canonical `PathUri`s. */
export const fileSystemPathSchema = z.discriminatedUnion(
  "type",
  [
    z.object({ type: z.literal("path"), path: pathUriMember("path") }),
    z.object({ type: z.literal("glob_pattern"), pattern: z.string(expecting("pattern", "a string")) }),
    z.object({ type: z.literal("special"), value: fileSystemSpecialPathSchema }),
  ],
  tagRefusal("path", "type", ["path", "glob_pattern", "special"]),
);

/** Reads a `FileSystemAccessMode`; `none` becomes `deny`. */
export const fileSystemAccessModeSchema = z
  .enum(["read", "write", "deny", "none"], { error: variantRefusal("access", ["read", "write", "deny", "none"]) })
  .transform((access) => (access === "none" ? "deny" : access));

/** Reads a `FileSystemSandboxEntry`. */
export const fileSystemSandboxEntrySchema = z.object(
  {
    path: fileSystemPathSchema,
    access: fileSystemAccessModeSchema,
    missing_path_behavior: z.exactOptional(z.nullable(variantSchema("missing_path_behavior", ["skip"]))),
  },
  expecting("entry", "an object"),
);

const globScanMaxDepth = z
  .number({ error: ({ input }) => depthRefusal(input) })
  .refine((depth) => Number.isSafeInteger(depth) && depth >= 1, { error: ({ input }) => depthRefusal(input) });

/** Counted before any of them is read. */
const countedEntries = z.array(z.unknown(), expecting("entries", "a sequence")).max(MAX_ENTRIES, {
  error: ({ input }) => `${(input as unknown[]).length} entries, at most ${MAX_ENTRIES} are taken`,
});

/** Reads a `FileSystemPermissions` section. */
export const fileSystemPermissionsSchema = z.discriminatedUnion(
  "type",
  [
    z.object({
      type: z.literal("restricted"),
      entries: countedEntries.pipe(z.array(fileSystemSandboxEntrySchema)),
      glob_scan_max_depth: z.exactOptional(z.nullable(globScanMaxDepth)),
    }),
    z.object({ type: z.literal("unrestricted") }),
  ],
  tagRefusal("file_system", "type", ["restricted", "unrestricted"]),
);

function depthRefusal(input: unknown): string {
  const expected = "expected a nonzero usize";
  if (Number.isInteger(input)) return `invalid value: integer \`${input}\`, ${expected}`;
  if (typeof input === "number") return `invalid type: floating point \`${input}\`, ${expected}`;
  return expecting("glob_scan_max_depth", "a nonzero usize").error({ input });
}
