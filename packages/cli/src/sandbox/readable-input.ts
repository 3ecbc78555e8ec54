import { pathUriFromNative } from "@holdfast/path-uri";
import {
  accessOf,
  applyAdditionalPermissions,
  fileSystemPolicyOf,
  type ParsedPermissionProfile,
} from "@holdfast/permission-profile";
import type { Context } from "../command-line/context.ts";
import { confinementContext } from "./confinement-context.ts";
import { bindHere } from "./machine-binding.ts";
import type { SandboxRequest } from "./sandbox-request.ts";

/** The profile, with reading of one path granted if it was not. */
export async function withReadable(
  profile: ParsedPermissionProfile,
  path: string,
  { context, request }: { readonly context: Pick<Context, "env">; readonly request: SandboxRequest },
): Promise<ParsedPermissionProfile> {
  const uri = pathUriFromNative(path, "posix");
  const binding = await bindHere(confinementContext(profile, request), context);
  if (accessOf(fileSystemPolicyOf(profile), binding, uri).access !== "deny") return profile;
  const fileSystem = { entries: [{ path: { type: "path" as const, path: uri }, access: "read" as const }] };
  return applyAdditionalPermissions(profile, { isNetworkEnabled: false, fileSystem });
}
