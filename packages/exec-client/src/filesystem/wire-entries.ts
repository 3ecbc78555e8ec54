import { Base64Bytes } from "@holdfast/exec-server-protocol";
import type { ExecServerClient } from "@holdfast/exec-server-protocol/client";
import { asUint8Array } from "../as-uint8-array.ts";
import { UnsupportedError } from "../errors/unsupported-error.ts";
import type { EntryCall, EntryPort } from "./entry-port.ts";
import { checkToldPath } from "./told-names.ts";

/**
 * Operations of an executor with the capability `holdfastFiles`.
 *
 * @param options.canRefuse - Capability `holdfastNoReplace`.
 */
export function wireEntries(
  { holdfast }: Pick<ExecServerClient, "holdfast">,
  { canRefuse }: { readonly canRefuse: boolean },
): EntryPort {
  return {
    async stat(path, { followSymlinks }, call) {
      const found = await holdfast.statEntry({ path, followSymlinks, ...confined(call) }, waiting(call));
      const { targetBase64, targetKind, ...stats } = found;
      const isTold = targetBase64 !== undefined && targetBase64 !== null;
      return {
        ...stats,
        isFile: stats.kind === "file",
        isDirectory: stats.kind === "directory",
        linkTarget: isTold ? new TextDecoder("utf-8", { ignoreBOM: true }).decode(targetBase64) : undefined,
        linkTargetKind: targetKind ?? undefined,
      };
    },
    async readLink(path, call) {
      return asUint8Array((await holdfast.readLink({ path, ...confined(call) }, waiting(call))).targetBase64);
    },
    async symlink(target, path, call) {
      const targetBase64 = new Base64Bytes(target);
      await holdfast.makeLink({ path, targetBase64, ...confined(call) }, waiting(call));
    },
    async link(existingPath, path, call) {
      await holdfast.makeLink({ path, existingPath, ...confined(call) }, waiting(call));
    },
    async rename(sourcePath, destinationPath, { noReplace }, call) {
      // One that does not know the member would replace.
      if (noReplace && !canRefuse)
        throw new UnsupportedError(`${call.method} with noReplace`, "the capability `holdfastNoReplace`");
      const how = noReplace ? { noReplace } : {};
      await holdfast.rename({ sourcePath, destinationPath, ...how, ...confined(call) }, waiting(call));
    },
    async setAttributes(path, attributes, { followSymlinks }, call) {
      await holdfast.setAttributes({ path, followSymlinks, ...attributes, ...confined(call) }, waiting(call));
    },
    async append(path, data, call) {
      await holdfast.appendFile({ path, chunk: new Base64Bytes(data), ...confined(call) }, waiting(call));
    },
    async makeTemporaryFolder(folder, prefix, call) {
      const { path } = await holdfast.makeTemporaryFolder({ folder, prefix, ...confined(call) }, waiting(call));
      checkToldPath(path, folder, { method: "holdfast/makeTemporaryFolder", member: ["path"] });
      return path;
    },
  };
}

function confined({ sandbox }: EntryCall) {
  return sandbox === undefined ? {} : { sandbox };
}

function waiting({ signal, timeoutMs }: EntryCall) {
  return { signal, timeoutMs };
}
