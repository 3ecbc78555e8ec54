import {
  ARCHIVE_ID_MAX_BYTES,
  ARCHIVE_NAMES_MAX,
  Base64Bytes,
  DIGEST_RANGE_MAX_BYTES,
  DIGEST_RANGES_MAX,
  type EmptyResult,
  FILE_BLOCK_MAX_BYTES,
  type HoldfastCloseArchiveParams,
  type HoldfastDigestFilesParams,
  type HoldfastDigestFilesResult,
  type HoldfastExtractStagedParams,
  type HoldfastExtractStagedResult,
  type HoldfastListTreeParams,
  type HoldfastListTreeResult,
  type HoldfastOpenArchiveParams,
  type HoldfastReadArchiveParams,
  type HoldfastReadArchiveResult,
  type HoldfastRemoveEntriesParams,
  type HoldfastRemoveEntriesResult,
  type HoldfastTreeFilter,
  isTreeName,
  type Received,
  type Sendable,
  TREE_PATTERN_MAX_BYTES,
  TREE_PATTERNS_MAX,
  treeNameBytes,
} from "@holdfast/exec-server-protocol";
import { IgnoreRulesError, type PathUri } from "@holdfast/path-uri";
import { freeMemory } from "@holdfast/protocol-kit";
import {
  canHoldPlaces,
  guardedWithin,
  holdFolder,
  holdPlainFolder,
  type ProtectedPaths,
  type StagingProblem,
} from "../filesystem/index.ts";
import { asBuffer } from "../platform/as-buffer.ts";
import type { CallContext } from "../session/call-context.ts";
import { type SharedFolder, type TreeFilterOptions, treeFilter } from "../trees/index.ts";
import { asWireFaults, invalidRequest } from "./faults.ts";
import type { FilesystemHandlerOptions } from "./filesystem.ts";
import { nativePath, uriOf } from "./paths.ts";

const DONE = {};
/** Default: a link that has the name itself is not followed. */
const NO_FOLLOW_NAMES = 1;

async function extract(
  { stageId, offset, chunk }: Received<HoldfastExtractStagedParams>,
  { connection }: CallContext,
): Promise<HoldfastExtractStagedResult> {
  if (chunk.byteLength === 0 || chunk.byteLength > FILE_BLOCK_MAX_BYTES) {
    throw invalidRequest(`a part of an archive has 1 to ${FILE_BLOCK_MAX_BYTES} bytes`);
  }
  const { staging } = connection.session;
  const problemCount = await asWireFaults(staging.extract(stageId, offset, asBuffer(chunk)));
  freeMemory(chunk);
  return { problemCount };
}

async function open(params: Received<HoldfastOpenArchiveParams>, { connection }: CallContext): Promise<EmptyResult> {
  checkUnconfined(params);
  const { archiveId, root, names, filter } = params;
  if (Buffer.byteLength(archiveId) > ARCHIVE_ID_MAX_BYTES) {
    throw invalidRequest(`archive ID must not exceed ${ARCHIVE_ID_MAX_BYTES} bytes`);
  }
  if ((names?.length ?? 0) > ARCHIVE_NAMES_MAX) throw invalidRequest(`at most ${ARCHIVE_NAMES_MAX} names at a time`);
  const path = nativePath(root, "root");
  const options = { filter: filterOf(filter), names: names?.map((name) => nameBytes(name)) };
  const { archives } = connection.session;
  await asWireFaults(connection.files.observe(() => archives.open(archiveId, path, options)));
  return DONE;
}

async function read(
  { archiveId, offset, receivedBytes }: HoldfastReadArchiveParams,
  { connection }: CallContext,
): Promise<Sendable<HoldfastReadArchiveResult>> {
  const { archives } = connection.session;
  const { bytes, isEnd, problems } = await asWireFaults(archives.read(archiveId, offset, receivedBytes));
  // The archive keeps them until its client says that it has them.
  return { chunk: Base64Bytes.kept(bytes), isEnd, problems: onWire(problems) };
}

async function close({ archiveId }: HoldfastCloseArchiveParams, { connection }: CallContext): Promise<EmptyResult> {
  await connection.session.archives.close(archiveId);
  return DONE;
}

async function list(params: Received<HoldfastListTreeParams>, context: CallContext): Promise<HoldfastListTreeResult> {
  checkUnconfined(params);
  const { after } = params;
  const filter = filterOf(params.filter);
  const start = after === undefined || after === null ? new Uint8Array(0) : nameBytes(after, "after");
  const { trees } = context.connection;
  const page = await within(params, context, (root) => trees.run("list", { root, filter, after: start }));
  return { entries: page.entries, next: page.next, problems: onWire(page.problems) };
}

async function digest(
  params: Received<HoldfastDigestFilesParams>,
  context: CallContext,
): Promise<HoldfastDigestFilesResult> {
  checkUnconfined(params);
  if (params.ranges.length > DIGEST_RANGES_MAX) throw invalidRequest(`at most ${DIGEST_RANGES_MAX} ranges at a time`);
  const ranges = params.ranges.map(({ name, offset, length }) => {
    if (length > DIGEST_RANGE_MAX_BYTES) throw invalidRequest(`a range has at most ${DIGEST_RANGE_MAX_BYTES} bytes`);
    return { name: nameBytes(name), offset: offset ?? 0, length };
  });
  const { trees } = context.connection;
  const digests = await within(params, context, ({ path }) => trees.run("digest", { root: path, ranges }));
  return { digests };
}

async function remove(
  params: HoldfastRemoveEntriesParams,
  { connection }: CallContext,
  places: ProtectedPaths,
): Promise<HoldfastRemoveEntriesResult> {
  checkUnconfined(params);
  if (params.names.length > ARCHIVE_NAMES_MAX) throw invalidRequest(`at most ${ARCHIVE_NAMES_MAX} names at a time`);
  const names = params.names.map((name) => nameBytes(name));
  const path = nativePath(params.root, "root");
  const removeHeld = async (): Promise<readonly StagingProblem[]> => {
    const held = await holdPlainFolder(path, { noFollowNames: params.noFollowNames ?? NO_FOLLOW_NAMES });
    try {
      const guarded = await guardedWithin(held, places);
      const root = { path: held.path, shown: path };
      const keepsFilled = params.keepFilled ?? false;
      return await connection.trees.run("remove", { root, names, guarded, keepsFilled });
    } finally {
      await held.close();
    }
  };
  return { problems: onWire(await asWireFaults(connection.files.change(removeHeld))) };
}

/** Whole folders: unpacked, read as an archive, listed, compared, and rid of what was listed. */
export function treeHandlers({ protectedPaths }: FilesystemHandlerOptions) {
  return {
    "holdfast/extractStaged": extract,
    "holdfast/openArchive": open,
    "holdfast/readArchive": read,
    "holdfast/closeArchive": close,
    "holdfast/listTree": list,
    "holdfast/digestFiles": digest,
    "holdfast/removeEntries": (params: HoldfastRemoveEntriesParams, context: CallContext) =>
      remove(params, context, protectedPaths),
  };
}

/** Look at a folder that is held meanwhile, or at a staged one. */
function within<T>(
  { root, stageId }: { readonly root?: PathUri | null; readonly stageId?: string | null },
  { connection }: CallContext,
  look: (root: SharedFolder) => Promise<T>,
): Promise<T> {
  if (typeof stageId === "string" && typeof root !== "string") {
    return asWireFaults(connection.session.staging.look(stageId, look));
  }
  if (typeof root !== "string" || typeof stageId === "string") {
    throw invalidRequest("exactly one of `root` and `stageId` must be given");
  }
  const path = nativePath(root, "root");
  const lookHeld = async (): Promise<T> => {
    const held = await holdFolder(path);
    try {
      return await look({ path: held.path, shown: path });
    } finally {
      await held.close();
    }
  };
  return asWireFaults(connection.files.observe(lookHeld));
}

function checkUnconfined({ sandbox }: { readonly sandbox?: unknown }): void {
  if (!canHoldPlaces()) throw invalidRequest("whole folders are not worked on on this system");
  if (sandbox === undefined || sandbox === null) return;
  throw invalidRequest("whole folders are not worked on under a sandbox; read and write the files themselves");
}

function filterOf(filter: Received<HoldfastTreeFilter> | null | undefined): TreeFilterOptions {
  const exclude = filter?.exclude ?? [];
  if (exclude.length > TREE_PATTERNS_MAX) throw invalidRequest(`\`exclude\` has at most ${TREE_PATTERNS_MAX} patterns`);
  if (exclude.some((pattern) => Buffer.byteLength(pattern) > TREE_PATTERN_MAX_BYTES)) {
    throw invalidRequest(`a pattern of \`exclude\` has at most ${TREE_PATTERN_MAX_BYTES} bytes`);
  }
  const options = { exclude, usesGitignore: filter?.useGitignore ?? false };
  try {
    treeFilter(options);
  } catch (error) {
    if (error instanceof IgnoreRulesError) throw invalidRequest(`\`exclude\` ${error.message}`);
    throw error;
  }
  return options;
}

function nameBytes(name: string, member = "name"): Uint8Array {
  try {
    const bytes = treeNameBytes(name);
    if (isTreeName(bytes)) return bytes;
  } catch {
    // Told below.
  }
  throw invalidRequest(
    `\`${member}\` must be a name from the root as in a URI, without empty names, \`.\` and \`..\`: \`${name.slice(0, 100)}\``,
  );
}

function onWire(problems: readonly StagingProblem[]) {
  // Of a thread, where bytes arrive as plain arrays.
  return problems.map(({ path, message }) => ({ path: uriOf(asBuffer(path)), message }));
}
