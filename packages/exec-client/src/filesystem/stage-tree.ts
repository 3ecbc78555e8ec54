import { Base64Bytes, STAGED_ENTRIES_MAX } from "@holdfast/exec-server-protocol";
import type { PathUri } from "@holdfast/path-uri";
import { isRemoteError } from "@holdfast/rpc";
import { FileTransferError } from "../errors.ts";
import { randomUuid } from "../random-uuid.ts";
import { commitStaged, type StagingStub, stageOnExecutor } from "./executor-stage.ts";
import { stageTreeByShell } from "./shell-tree.ts";
import { finalName, type StagingPort } from "./stage-file.ts";
import type { StagedTree, StagedTreeOptions, TreeNode, TreeProblem } from "./staged-tree.ts";

/** Text of the entries of one message, so that it stays far below the largest. */
const MESSAGE_CHARACTERS = 2 * 1024 * 1024;
/** What an entry costs besides its texts. */
const ENTRY_CHARACTERS = 64;

/** Begin a folder. The final path may be reached through links, but for the last `noFollowNames`. */
export async function stageTree(port: StagingPort, path: PathUri, options: StagedTreeOptions): Promise<StagedTree> {
  const { signal } = options;
  if (port.stub !== undefined) return stageTreeOnExecutor(port.stub, path, options);
  if (port.shell === undefined) {
    const advice = "send a tar file, and unpack it there";
    throw new FileTransferError("unsupported", `this executor has no way to put a folder in place safely; ${advice}`);
  }
  const final = await finalName(port, path, options);
  return stageTreeByShell({ ...port, ...port.shell }, { path, final }, signal);
}

/** Begin a folder on an executor that stages. @throws RemoteError - No folder can be there. */
export async function stageTreeOnExecutor(
  stub: StagingStub,
  path: PathUri,
  { signal, noFollowNames = 0 }: StagedTreeOptions,
): Promise<StagedTree> {
  const stageId = randomUuid();
  const discard = async (): Promise<void> => {
    await stub.holdfast.discardStaged({ stageId }).catch(() => {});
  };
  await stub.holdfast.stageFolder({ stageId, path, noFollowNames }, { signal }).catch((error: unknown) => {
    if (!isRemoteError(error)) void discard();
    throw error;
  });
  return {
    async add(nodes) {
      const problems: TreeProblem[] = [];
      for (const entries of batches(nodes)) {
        problems.push(...(await stub.holdfast.addStaged({ stageId, entries }, { signal })).problems);
      }
      return problems;
    },
    async put(file, data, mode) {
      const chunk = new Base64Bytes(data);
      await stub.holdfast.putStaged(
        { stageId, path: file, chunk, ...(mode === undefined ? {} : { mode }) },
        { signal },
      );
    },
    stageFile: (file, options) => stageOnExecutor(stub, file, { ...options, within: stageId }),
    async copyFrom(source) {
      return (await stub.holdfast.copyStaged({ stageId, source }, { signal })).problems ?? [];
    },
    async commit(options) {
      const { isModeSet, problems } = await commitStaged(stub, stageId, options);
      return { isModeSet, problems };
    },
    discard,
  };
}

function* batches(nodes: readonly TreeNode[]): Generator<{ path: PathUri; targetBase64?: string }[]> {
  let batch: { path: PathUri; targetBase64?: string }[] = [];
  let characters = 0;
  for (const { path, target } of nodes) {
    const targetBase64 = target === undefined ? undefined : Buffer.from(target).toString("base64");
    const cost = path.length + (targetBase64?.length ?? 0) + ENTRY_CHARACTERS;
    if (batch.length === STAGED_ENTRIES_MAX || (batch.length > 0 && characters + cost > MESSAGE_CHARACTERS)) {
      yield batch;
      batch = [];
      characters = 0;
    }
    batch.push(targetBase64 === undefined ? { path } : { path, targetBase64 });
    characters += cost;
  }
  if (batch.length > 0) yield batch;
}
