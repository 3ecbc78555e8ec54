import * as z from "zod";
import { fileSystemPermissionsSchema } from "./file-system-schema.ts";
import { tagRefusal, variantSchema } from "./wire-schema.ts";

/** Reads a `NetworkSandboxPolicy`. */
export const networkSandboxPolicySchema = variantSchema("network", ["restricted", "enabled"]);

/** Reads a `PermissionProfile`. Unknown members are dropped, unknown kinds refused. */
export const permissionProfileSchema = z.discriminatedUnion(
  "type",
  [
    z.object({
      type: z.literal("managed"),
      file_system: fileSystemPermissionsSchema,
      network: networkSandboxPolicySchema,
    }),
    z.object({ type: z.literal("disabled") }),
    z.object({ type: z.literal("external"), network: networkSandboxPolicySchema }),
  ],
  tagRefusal("permissions", "type", ["managed", "disabled", "external"]),
);
