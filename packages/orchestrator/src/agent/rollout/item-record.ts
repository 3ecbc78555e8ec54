import type { FileUpdateChange, ThreadItem, UserInput } from "@holdfast/app-server-protocol";
import { displayPath, parsePathUri, pathUriFromInferredNative } from "@holdfast/path-uri";
import { isRecord } from "../../steps/is-record.ts";
import { joinWords, splitWords } from "./command-words.ts";

/*
 * Items of turns stand in the files of threads in another spelling than on the wire: names of members with underscores, types with capitals,
 * commands as words, folders as URIs.
 */

type Fields = Record<string, unknown>;

/** The item as it stands in a file. Undefined: there is no spelling for it, and it is not kept. */
export function itemToRecord(item: ThreadItem): Fields | undefined {
  const fields = item as unknown as Fields;
  const { id } = item;
  switch (item.type) {
    case "userMessage":
      return {
        type: "UserMessage",
        id,
        client_id: fields.clientId ?? null,
        content: inputs(fields.content, toRecordInput),
      };
    case "agentMessage":
      return {
        type: "AgentMessage",
        id,
        content: [{ type: "Text", text: fields.text }],
        ...given({ phase: fields.phase }),
      };
    case "reasoning":
      return { type: "Reasoning", id, summary_text: fields.summary ?? [], raw_content: fields.content ?? [] };
    case "plan":
      return { type: "Plan", id, text: fields.text };
    case "commandExecution":
      return {
        type: "CommandExecution",
        id,
        process_id: fields.processId ?? null,
        command: splitWords(String(fields.command)),
        cwd: uriOf(fields.cwd),
        parsed_cmd: inputs(fields.commandActions, toParsedCommand),
        source: snake(String(fields.source ?? "agent")),
        status: snake(String(fields.status)),
        aggregated_output: fields.aggregatedOutput ?? "",
        exit_code: fields.exitCode ?? null,
        duration: durationOf(fields.durationMs),
      };
    case "fileChange":
      return {
        type: "FileChange",
        id,
        changes: Object.fromEntries(
          (fields.changes as FileUpdateChange[]).map((each) => [each.path, toRecordChange(each)]),
        ),
        status: snake(String(fields.status)),
        stdout: "",
        stderr: "",
      };
    case "mcpToolCall":
      return {
        type: "McpToolCall",
        id,
        server: fields.server,
        tool: fields.tool,
        arguments: fields.arguments,
        status: snake(String(fields.status)),
        ...given({ result: fields.result, error: fields.error, read_only_hint: fields.readOnlyHint }),
        duration: durationOf(fields.durationMs),
      };
    case "dynamicToolCall":
      return {
        type: "DynamicToolCall",
        id,
        tool: fields.tool,
        arguments: fields.arguments,
        status: snake(String(fields.status)),
        ...given({ namespace: fields.namespace, content_items: fields.contentItems, success: fields.success }),
        duration: durationOf(fields.durationMs),
      };
    case "imageView":
      return { type: "ImageView", id, path: uriOf(fields.path) };
    case "webSearch":
      return { type: "WebSearch", id, query: fields.query, action: fields.action ?? { type: "other" } };
    case "contextCompaction":
      return { type: "ContextCompaction", id };
    default:
      return undefined;
  }
}

/** When an item began and ended, in milliseconds since 1970. */
export interface ItemTimes {
  readonly startedAtMs: number | null;
  readonly completedAtMs: number | null;
}

/** The item of such a record. Undefined: it is of a kind that is not known here. */
export function itemFromRecord(record: unknown, times: ItemTimes): ThreadItem | undefined {
  if (!isRecord(record) || typeof record.id !== "string") return undefined;
  const fields = fieldsOf(record);
  return fields === undefined ? undefined : ({ id: record.id, ...fields, ...times } as unknown as ThreadItem);
}

function fieldsOf(record: Readonly<Fields>): Fields | undefined {
  switch (record.type) {
    case "UserMessage":
      return {
        type: "userMessage",
        clientId: record.client_id ?? null,
        content: inputs(record.content, fromRecordInput),
      };
    case "AgentMessage": {
      const parts = Array.isArray(record.content) ? record.content : [];
      const text = parts.map((part) => (isRecord(part) && typeof part.text === "string" ? part.text : "")).join("");
      return {
        type: "agentMessage",
        moderation: null,
        text,
        phase: record.phase ?? null,
        memoryCitation: null,
        delivery: null,
        questions: null,
      };
    }
    case "Reasoning":
      return { type: "reasoning", summary: texts(record.summary_text), content: texts(record.raw_content) };
    case "Plan":
      return { type: "plan", text: String(record.text ?? "") };
    case "CommandExecution":
      return {
        type: "commandExecution",
        pluginId: null,
        scriptPath: null,
        command: joinWords(texts(record.command)),
        cwd: pathOf(record.cwd),
        processId: record.process_id ?? null,
        source: camel(String(record.source ?? "agent")),
        status: camel(String(record.status ?? "completed")),
        commandActions: inputs(record.parsed_cmd, fromParsedCommand),
        aggregatedOutput: record.aggregated_output === "" ? null : (record.aggregated_output ?? null),
        exitCode: record.exit_code ?? null,
        durationMs: millisecondsOf(record.duration),
      };
    case "FileChange":
      return {
        type: "fileChange",
        changes: fromRecordChanges(record.changes),
        status: camel(String(record.status ?? "completed")),
      };
    case "McpToolCall":
      return {
        type: "mcpToolCall",
        server: String(record.server ?? ""),
        tool: String(record.tool ?? ""),
        environmentId: null,
        status: camel(String(record.status ?? "completed")),
        arguments: record.arguments ?? null,
        readOnlyHint: record.read_only_hint ?? null,
        result: record.result ?? null,
        error: record.error ?? null,
        durationMs: millisecondsOf(record.duration),
      };
    case "DynamicToolCall":
      return {
        type: "dynamicToolCall",
        namespace: record.namespace ?? null,
        tool: String(record.tool ?? ""),
        arguments: record.arguments ?? null,
        status: camel(String(record.status ?? "completed")),
        contentItems: record.content_items ?? null,
        success: record.success ?? null,
        durationMs: millisecondsOf(record.duration),
      };
    case "ImageView":
      return { type: "imageView", path: pathOf(record.path) };
    case "WebSearch":
      return { type: "webSearch", query: String(record.query ?? ""), action: record.action ?? null };
    case "ContextCompaction":
      return { type: "contextCompaction" };
    default:
      return undefined;
  }
}

function inputs<Out>(list: unknown, map: (each: Readonly<Fields>) => Out): Out[] {
  return Array.isArray(list) ? list.filter(isRecord).map(map) : [];
}

function texts(list: unknown): string[] {
  return Array.isArray(list) ? list.filter((each) => typeof each === "string") : [];
}

/** Members that have a value. */
function given(fields: Readonly<Fields>): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));
}

function snake(word: string): string {
  return word.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function camel(word: string): string {
  return word.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function toRecordInput(input: Readonly<Fields>): Fields {
  const { type, url, ...rest } = input;
  return { type: snake(String(type)), ...(url === undefined ? {} : { image_url: url }), ...rest };
}

function fromRecordInput(record: Readonly<Fields>): UserInput {
  const { type, image_url: url, ...rest } = record;
  return { type: camel(String(type)), ...(url === undefined ? {} : { url }), ...rest } as unknown as UserInput;
}

function toParsedCommand({ type, command, ...rest }: Readonly<Fields>): Fields {
  return { type: snake(String(type)), cmd: command, ...rest };
}

function fromParsedCommand({ type, cmd, ...rest }: Readonly<Fields>): Fields {
  return { type: camel(String(type)), command: cmd, ...rest };
}

function toRecordChange({ kind, diff }: FileUpdateChange): Fields {
  if (kind.type !== "update") return { type: kind.type, content: diff };
  return { type: "update", unified_diff: diff, move_path: (kind as Fields).move_path ?? null };
}

function fromRecordChanges(changes: unknown): Fields[] {
  if (!isRecord(changes)) return [];
  const entries = Object.entries(changes).flatMap(([path, change]) => (isRecord(change) ? [{ path, change }] : []));
  entries.sort((one, other) => (one.path < other.path ? -1 : 1));
  return entries.map(({ path, change }) =>
    change.type === "update"
      ? { path, kind: { type: "update", move_path: change.move_path ?? null }, diff: change.unified_diff ?? "" }
      : { path, kind: { type: change.type }, diff: change.content ?? "" },
  );
}

const MS_PER_SECOND = 1_000;
const NANOS_PER_MS = 1_000_000;

function durationOf(milliseconds: unknown): Fields | null {
  if (typeof milliseconds !== "number") return null;
  const secs = Math.floor(milliseconds / MS_PER_SECOND);
  return { secs, nanos: Math.round((milliseconds - secs * MS_PER_SECOND) * NANOS_PER_MS) };
}

function millisecondsOf(duration: unknown): number | null {
  if (!isRecord(duration) || typeof duration.secs !== "number" || typeof duration.nanos !== "number") return null;
  return duration.secs * MS_PER_SECOND + Math.floor(duration.nanos / NANOS_PER_MS);
}

function uriOf(path: unknown): string {
  try {
    return pathUriFromInferredNative(String(path)).toString();
  } catch {
    return String(path);
  }
}

function pathOf(uri: unknown): string {
  const text = String(uri ?? "");
  if (!text.startsWith("file:")) return text;
  try {
    return displayPath(parsePathUri(text));
  } catch {
    return text;
  }
}
