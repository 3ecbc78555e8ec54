import type { DynamicToolSpec, SessionSource } from "@holdfast/app-server-protocol";
import { isEnvironmentError } from "../../environments/environment-error.ts";
import {
  CAPABILITY_ROOTS_MEMBER,
  restoredCapabilityRoots,
  type SelectedCapabilityRoot,
} from "../../steps/capability-roots.ts";
import { isRecord } from "../../steps/is-record.ts";
import type { RolloutRecord } from "./rollout-record.ts";

/** Whether turns are kept item by item, or as old releases do: by what was said. */
export type HistoryMode = "paginated" | "legacy";

/** The part of another thread that a thread begins with. */
export interface HistoryBase {
  readonly threadId: string;
  /** The first ordinal that is not part of it. */
  readonly endOrdinal: number;
}

/** What a thread is, from its start on: the first line of its file. */
export interface ThreadMeta {
  readonly id: string;
  readonly sessionId: string;
  /** In milliseconds since 1970. */
  readonly createdAtMs: number;
  /** Native absolute path. */
  readonly cwd: string;
  readonly originator: string;
  readonly cliVersion: string;
  readonly source: SessionSource;
  readonly threadSource: string | undefined;
  readonly modelProvider: string | undefined;
  readonly baseInstructions: string | undefined;
  readonly forkedFromId: string | undefined;
  readonly parentThreadId: string | undefined;
  readonly historyMode: HistoryMode;
  readonly historyBase: HistoryBase | undefined;
  readonly dynamicTools: readonly DynamicToolSpec[];
  readonly capabilityRoots: readonly SelectedCapabilityRoot[];
  readonly git: GitState | undefined;
}

/** State of the work tree when the thread began. */
export interface GitState {
  readonly sha: string | undefined;
  readonly branch: string | undefined;
  readonly originUrl: string | undefined;
}

export const META_TYPE = "session_meta";

export function metaRecord(meta: ThreadMeta): RolloutRecord {
  const { git } = meta;
  const payload = {
    account_scoped: true,
    session_id: meta.sessionId,
    id: meta.id,
    forked_from_id: meta.forkedFromId,
    parent_thread_id: meta.parentThreadId,
    timestamp: new Date(meta.createdAtMs).toISOString(),
    cwd: meta.cwd,
    runtime_workspace_roots: [meta.cwd],
    originator: meta.originator,
    cli_version: meta.cliVersion,
    source: meta.source,
    thread_source: meta.threadSource,
    model_provider: meta.modelProvider,
    base_instructions:
      meta.baseInstructions === undefined ? undefined : { text: meta.baseInstructions, provenance: { type: "custom" } },
    dynamic_tools: meta.dynamicTools.length === 0 ? undefined : meta.dynamicTools,
    history_mode: meta.historyMode === "paginated" ? "paginated" : undefined,
    [CAPABILITY_ROOTS_MEMBER]: meta.capabilityRoots.length === 0 ? undefined : meta.capabilityRoots,
    git: git && { commit_hash: git.sha, branch: git.branch, repository_url: git.originUrl },
  };
  return { type: META_TYPE, payload };
}

/** Undefined: members that no thread is without are missing. */
export function readMeta(payload: RolloutRecord["payload"]): ThreadMeta | undefined {
  const { id, timestamp, cwd, originator, cli_version: cliVersion } = payload;
  if (typeof id !== "string" || typeof timestamp !== "string" || typeof cwd !== "string") return undefined;
  if (typeof originator !== "string" || typeof cliVersion !== "string") return undefined;
  const { source, session_id: sessionId, base_instructions: instructions, git, dynamic_tools: tools } = payload;
  const createdAtMs = Date.parse(timestamp);
  return {
    id,
    sessionId: textOr(sessionId) ?? id,
    createdAtMs: Number.isNaN(createdAtMs) ? 0 : createdAtMs,
    cwd,
    originator,
    cliVersion,
    source: (typeof source === "string" || isRecord(source) ? source : "unknown") as SessionSource,
    threadSource: textOr(payload.thread_source),
    modelProvider: textOr(payload.model_provider),
    baseInstructions: givenInstructions(instructions),
    forkedFromId: textOr(payload.forked_from_id),
    parentThreadId: textOr(payload.parent_thread_id),
    historyMode: payload.history_mode === "paginated" ? "paginated" : "legacy",
    historyBase: readBase(payload.history_base),
    dynamicTools: Array.isArray(tools) ? (tools as DynamicToolSpec[]) : [],
    capabilityRoots: readRoots(payload),
    git: isRecord(git)
      ? { sha: textOr(git.commit_hash), branch: textOr(git.branch), originUrl: textOr(git.repository_url) }
      : undefined,
  };
}

/** Undefined: they are those of the program that wrote the file, and were given by nobody. */
function givenInstructions(instructions: unknown): string | undefined {
  if (!isRecord(instructions) || !isRecord(instructions.provenance)) return undefined;
  return instructions.provenance.type === "custom" ? textOr(instructions.text) : undefined;
}

/** What is none of a root was written by somebody who knows more: a thread is of use without. */
function readRoots(payload: RolloutRecord["payload"]): readonly SelectedCapabilityRoot[] {
  try {
    return restoredCapabilityRoots(payload);
  } catch (error) {
    if (isEnvironmentError(error)) return [];
    throw error;
  }
}

function readBase(base: unknown): HistoryBase | undefined {
  if (!isRecord(base) || typeof base.thread_id !== "string") return undefined;
  const { thread_id: threadId, end_ordinal_exclusive: endOrdinal } = base;
  return typeof endOrdinal === "number" ? { threadId, endOrdinal } : undefined;
}

function textOr(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
