import { ERROR_CODES } from "@holdfast/exec-server-protocol";
import {
  childOfPosixDirectory,
  compilePathGlobs,
  type PathUri,
  pathUriFromNativeBytes,
  toNativeBytes,
} from "@holdfast/path-uri";
import {
  fileSystemPolicyOf,
  hasFullDiskRead,
  hasFullDiskWrite,
  isCwdDependent,
  type ParsedFileSystemSandboxContext,
} from "@holdfast/permission-profile";
import { RpcFault, systemClock } from "@holdfast/rpc";
import { SandboxError } from "@holdfast/sandbox";
import { PatternThread } from "../search/pattern-thread.ts";
import { directOperations, type FileOperations } from "./file-operations.ts";
import type { HelperPool } from "./helper-pool.ts";
import { remoteOperations } from "./remote-operations.ts";

const HOST_OS = process.platform === "darwin" ? "macos" : "linux";

/** What a request does to files. */
export type FileAccess = "read" | "write";

const paths = { uriOf: pathUriFromNativeBytes, childOf: childOfPosixDirectory, compilePathGlobs };
const direct = directOperations(async () => paths, new PatternThread(systemClock).run);

/**
 * Where the operations of a request run: here, or under its sandbox in a helper.
 *
 * Here where nothing would be confined: without a context, where the profile leaves files to another program or open, and where
 * it grants the whole disk for what is asked.
 *
 * @throws RpcFault −32602 when the context lacks the folder that its entries resolve against.
 * @throws SandboxError `invalid` for a rule about a path of another kind of machine.
 */
export function fileOperationsFor(
  context: ParsedFileSystemSandboxContext | undefined,
  access: FileAccess,
  pool: HelperPool,
): FileOperations {
  return context === undefined || isOpen(context, access) ? direct : remoteOperations(() => pool.lease(context));
}

/**
 * Whether nothing is confined by a context: the profile leaves files to another program or open, or grants the whole disk for what is
 * asked.
 *
 * @throws as {@link fileOperationsFor}.
 */
export function isOpen(context: ParsedFileSystemSandboxContext, access: FileAccess): boolean {
  const policy = fileSystemPolicyOf(context.permissions);
  if (policy.kind !== "restricted") return true;
  const { cwd } = context.policyContext ?? context;
  if (isCwdDependent(policy, "posix") && (cwd === undefined || cwd === null)) {
    const rule = "file system sandbox context with dynamic permissions requires cwd";
    throw new RpcFault(ERROR_CODES.InvalidParams, rule);
  }
  for (const { path } of policy.entries) if (path.type === "path") checkNative(path.path);
  return access === "read" ? hasFullDiskRead(policy) : hasFullDiskWrite(policy, "posix");
}

/** A rule about a path of another kind of machine is refused, even where it would decide nothing. */
function checkNative(path: PathUri): void {
  try {
    toNativeBytes(path, HOST_OS);
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new SandboxError("invalid", `invalid sandbox permission path: ${reason}`, { cause: thrown });
  }
}
