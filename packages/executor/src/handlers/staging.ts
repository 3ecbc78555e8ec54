import {
  type EmptyResult,
  FILE_BLOCK_MAX_BYTES,
  type HoldfastAddStagedParams,
  type HoldfastAddStagedResult,
  type HoldfastCommitStagedParams,
  type HoldfastCommitStagedResult,
  type HoldfastCopyStagedParams,
  type HoldfastCopyStagedResult,
  type HoldfastDiscardStagedParams,
  type HoldfastPutStagedParams,
  type HoldfastStageFileParams,
  type HoldfastStageFolderParams,
  type HoldfastStageFolderResult,
  type HoldfastWriteStagedParams,
  type Received,
  STAGE_ID_MAX_BYTES,
  STAGE_KEY_MAX_BYTES,
  STAGED_ENTRIES_MAX,
  STAGED_FOLDER_MODES_MAX,
} from "@holdfast/exec-server-protocol";
import { freeMemory } from "@holdfast/protocol-kit";
import { canHoldPlaces, type StagingProblem } from "../filesystem/index.ts";
import { asBuffer } from "../platform/as-buffer.ts";
import type { CallContext } from "../session/call-context.ts";
import { asWireFaults, invalidRequest } from "./faults.ts";
import { nativePath, uriOf } from "./paths.ts";

const DONE = {};
/** Default: a link that has the name itself is not followed. */
const NO_FOLLOW_NAMES = 1;

async function stageFile(params: HoldfastStageFileParams, { connection }: CallContext): Promise<EmptyResult> {
  checkStageable(params);
  const { stageId, path, within, noFollowNames } = params;
  const options = { within: within ?? undefined, noFollowNames: noFollowNames ?? NO_FOLLOW_NAMES };
  await asWireFaults(connection.session.staging.stageFile(stageId, nativePath(path), options), { path });
  return DONE;
}

async function stageFolder(
  params: HoldfastStageFolderParams,
  { connection }: CallContext,
): Promise<HoldfastStageFolderResult> {
  checkStageable(params);
  const { stageId, path, noFollowNames, keepAs } = params;
  if (keepAs !== undefined && keepAs !== null && Buffer.byteLength(keepAs) > STAGE_KEY_MAX_BYTES) {
    throw invalidRequest(`\`keepAs\` must not exceed ${STAGE_KEY_MAX_BYTES} bytes`);
  }
  const options = { noFollowNames: noFollowNames ?? NO_FOLLOW_NAMES, keepAs: keepAs ?? undefined };
  const isResumed = await asWireFaults(connection.session.staging.stageFolder(stageId, nativePath(path), options), {
    path,
  });
  // Said only to who asked: other clients expect an empty result.
  return options.keepAs === undefined ? DONE : { isResumed };
}

async function write(params: Received<HoldfastWriteStagedParams>, { connection }: CallContext): Promise<EmptyResult> {
  const { stageId, offset, chunk } = params;
  await asWireFaults(connection.session.staging.write(stageId, offset, asBuffer(chunk)));
  freeMemory(chunk);
  return DONE;
}

async function add(
  { stageId, entries }: Received<HoldfastAddStagedParams>,
  { connection }: CallContext,
): Promise<HoldfastAddStagedResult> {
  if (entries.length > STAGED_ENTRIES_MAX) throw invalidRequest(`at most ${STAGED_ENTRIES_MAX} entries at a time`);
  const staged = entries.map(({ path, targetBase64 }) => ({
    path: nativePath(path),
    target: targetBase64 === undefined || targetBase64 === null ? undefined : asBuffer(targetBase64),
  }));
  return { problems: onWire(await asWireFaults(connection.session.staging.add(stageId, staged))) };
}

async function put(params: Received<HoldfastPutStagedParams>, { connection }: CallContext): Promise<EmptyResult> {
  const { stageId, path, mode, chunk } = params;
  if (chunk.byteLength > FILE_BLOCK_MAX_BYTES) {
    throw invalidRequest(`a file that is put as a whole has at most ${FILE_BLOCK_MAX_BYTES} bytes`);
  }
  await asWireFaults(connection.session.staging.put(stageId, nativePath(path), mode ?? undefined, asBuffer(chunk)));
  return DONE;
}

async function copy(
  { stageId, source }: HoldfastCopyStagedParams,
  { connection }: CallContext,
): Promise<HoldfastCopyStagedResult> {
  // It sees what was changed before.
  const from = nativePath(source, "source");
  const { staging } = connection.session;
  return { problems: onWire(await asWireFaults(connection.files.observe(() => staging.copyFrom(stageId, from)))) };
}

async function commit(
  { stageId, mode, folderModes, noReplace }: HoldfastCommitStagedParams,
  { connection }: CallContext,
): Promise<HoldfastCommitStagedResult> {
  const modes = folderModes ?? [];
  if (modes.length > STAGED_FOLDER_MODES_MAX) throw invalidRequest(`at most ${STAGED_FOLDER_MODES_MAX} folder modes`);
  const native = modes.map((each) => ({ path: nativePath(each.path), mode: each.mode }));
  // A change like any other: what is asked for later sees it.
  const { staging } = connection.session;
  const how = { noReplace: noReplace ?? false };
  const commit = () => staging.commit(stageId, mode ?? undefined, native, how);
  const outcome = await asWireFaults(connection.files.change(commit));
  const { isModeSet, isInPlace, problems } = outcome;
  return { isModeSet, isInPlace, problems: onWire(problems) };
}

async function discard({ stageId }: HoldfastDiscardStagedParams, { connection }: CallContext): Promise<EmptyResult> {
  await connection.session.staging.discard(stageId);
  return DONE;
}

/** Files and folders that are under no final name before they are whole. */
export const stagingHandlers = {
  "holdfast/stageFile": stageFile,
  "holdfast/stageFolder": stageFolder,
  "holdfast/writeStaged": write,
  "holdfast/addStaged": add,
  "holdfast/putStaged": put,
  "holdfast/copyStaged": copy,
  "holdfast/commitStaged": commit,
  "holdfast/discardStaged": discard,
};

function checkStageable({ stageId, sandbox }: HoldfastStageFileParams | HoldfastStageFolderParams): void {
  if (!canHoldPlaces()) throw invalidRequest("nothing can be staged on this system");
  if (Buffer.byteLength(stageId) > STAGE_ID_MAX_BYTES) {
    throw invalidRequest(`stage ID must not exceed ${STAGE_ID_MAX_BYTES} bytes`);
  }
  if (sandbox !== undefined && sandbox !== null) {
    throw invalidRequest("nothing is staged under a sandbox; write the file itself, by fs/open with mode `replace`");
  }
}

function onWire(problems: readonly StagingProblem[]) {
  return problems.map(({ path, message }) => ({ path: uriOf(asBuffer(path)), message }));
}
