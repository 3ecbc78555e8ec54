import * as z from "zod";
import { networkSandboxPolicySchema } from "../parse/permission-profile-schema.ts";
import { expecting, tagRefusal } from "../parse/wire-schema.ts";

function flag(member: string) {
  return z.exactOptional(z.boolean(expecting(member, "a boolean")));
}

const roots = z.array(z.string(expecting("writable_roots", "a string")), expecting("writable_roots", "a sequence"));

/** Reads a `SandboxPolicy` in the spelling of stored files. Unknown members are dropped, unknown kinds refused. */
export const sandboxPolicySchema = z.discriminatedUnion(
  "type",
  [
    z.object({ type: z.literal("danger-full-access") }),
    z.object({ type: z.literal("read-only"), network_access: flag("network_access") }),
    z.object({ type: z.literal("external-sandbox"), network_access: z.exactOptional(networkSandboxPolicySchema) }),
    z.object({
      type: z.literal("workspace-write"),
      writable_roots: z.exactOptional(roots),
      network_access: flag("network_access"),
      exclude_tmpdir_env_var: flag("exclude_tmpdir_env_var"),
      exclude_slash_tmp: flag("exclude_slash_tmp"),
    }),
  ],
  tagRefusal("sandbox_policy", "type", ["danger-full-access", "read-only", "external-sandbox", "workspace-write"]),
);
