import * as z from "zod";
import { fileSystemPermissionsSchema } from "./file-system-schema.ts";
import { expecting, pathUriMember, tagRefusal, variantSchema } from "./wire-schema.ts";

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

function optionalUri(member: string) {
  return z.exactOptional(z.nullable(pathUriMember(member)));
}

function uris(member: string) {
  return z.array(pathUriMember(member), expecting(member, "a sequence"));
}

/** Reads a `FileSystemPolicyContext`. */
export const fileSystemPolicyContextSchema = z.object(
  { cwd: optionalUri("cwd"), workspaceRoots: z.exactOptional(uris("workspaceRoots")) },
  expecting("policyContext", "an object"),
);

/** Reads a `FileSystemSandboxContext`. Unknown members are dropped, unknown kinds refused. */
export const fileSystemSandboxContextSchema = z.object(
  {
    permissions: permissionProfileSchema,
    cwd: optionalUri("cwd"),
    workspaceRoots: z.exactOptional(uris("workspaceRoots")),
    policyContext: z.exactOptional(z.nullable(fileSystemPolicyContextSchema)),
    userHomeDir: optionalUri("userHomeDir"),
    temporaryDirectories: z.exactOptional(z.nullable(uris("temporaryDirectories"))),
    windowsSandboxLevel: variantSchema("windowsSandboxLevel", ["disabled", "restricted-token", "elevated", "mxc"]),
    windowsSandboxPrivateDesktop: z.exactOptional(
      z.nullable(z.boolean(expecting("windowsSandboxPrivateDesktop", "a boolean"))),
    ),
    windowsSandboxProxySettingsMode: z.exactOptional(
      z.nullable(variantSchema("windowsSandboxProxySettingsMode", ["reconcile", "preserve"])),
    ),
    sandboxOverride: z.exactOptional(
      variantSchema("sandboxOverride", ["noOverride", "escalatedSandboxWithRestrictions", "bypassSandboxFirstAttempt"]),
    ),
    useLegacyLandlock: z.exactOptional(z.boolean(expecting("useLegacyLandlock", "a boolean"))),
  },
  expecting("sandbox", "an object"),
);
