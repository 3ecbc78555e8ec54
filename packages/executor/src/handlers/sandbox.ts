import type { FileSystemSandboxContext } from "@holdfast/permission-profile";
import { invalidParams, invalidRequest } from "./faults.ts";

const CANNOT_ENFORCE = "this executor cannot enforce it, and nothing was run without it";

/** True when the context confines files, so that only an enforced sandbox would keep its promise. */
function confinesFiles({ permissions }: FileSystemSandboxContext): boolean {
  return permissions.type === "managed" && permissions.file_system.type === "restricted";
}

function confinesNetwork({ permissions }: FileSystemSandboxContext): boolean {
  return permissions.type !== "disabled" && permissions.network === "restricted";
}

/** Refuse a start that asks for confinement. @throws RpcFault −32602 */
export function refuseConfinedProcess(
  sandbox: FileSystemSandboxContext | null | undefined,
  managedNetwork: boolean,
): void {
  if (sandbox === null || sandbox === undefined) return;
  if (confinesFiles(sandbox)) {
    throw invalidParams(
      `failed to prepare process sandbox: \`sandbox.permissions.file_system\` is restricted; ${CANNOT_ENFORCE}`,
    );
  }
  if (confinesNetwork(sandbox)) {
    throw invalidParams(
      `failed to prepare process sandbox: \`sandbox.permissions.network\` is restricted; ${CANNOT_ENFORCE}`,
    );
  }
  if (managedNetwork) {
    throw invalidParams(`failed to prepare process sandbox: \`enforceManagedNetwork\` is set; ${CANNOT_ENFORCE}`);
  }
}

/** Refuse a file request that asks for confinement. @throws RpcFault −32600 */
export function refuseConfinedFiles(sandbox: FileSystemSandboxContext | null | undefined): void {
  if (sandbox === null || sandbox === undefined || !confinesFiles(sandbox)) return;
  throw invalidRequest(
    `failed to prepare fs sandbox: \`sandbox.permissions.file_system\` is restricted; ${CANNOT_ENFORCE}`,
  );
}
