import type { Executor } from "@holdfast/exec-client";
import { download, type TransferOptions, type TransferResult, upload } from "@holdfast/exec-client/transfer";

const REMOTE = "remote:";

/** Copy as `cp` does between two places, one of which begins with `remote:`. Relative ones lie in `cwd`, here and there. */
export function copy(
  executor: Executor,
  [source, destination]: readonly [string, string],
  options: TransferOptions & { readonly cwd: string },
): Promise<TransferResult> {
  if (source.startsWith(REMOTE)) return download(executor, source.slice(REMOTE.length), destination, options);
  return upload(executor, source, destination.slice(REMOTE.length), options);
}
