import * as z from "zod";
import { permissionProfileSchema } from "./permission-profile-schema.ts";
import { expecting, pathUriMember, variantSchema } from "./wire-schema.ts";

const optionalUri = (member: string) => z.exactOptional(z.nullable(pathUriMember(member)));
const uris = (member: string) => z.array(pathUriMember(member), expecting(member, "a sequence"));

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
