import { createHash } from "node:crypto";

/** Bytes of a namespace, its tool and what stands between them, that every model takes; as releases of Codex before 0.169 have it. */
export const MODEL_TOOL_NAME_MAX_BYTES = 64;

/** The same in releases of Codex from 0.169 on. */
export const LONG_MODEL_TOOL_NAME_MAX_BYTES = 128;

/** What namespaces of MCP servers begin with. */
const PREFIX = "mcp__";
/** Stands between a namespace and its tool where they are written as one name. */
const DELIMITER_BYTES = 2;
const HASH_DIGITS = 12;
/** An underscore and the hash. */
const SUFFIX_BYTES = 1 + HASH_DIGITS;

/** A tool as its server calls it. */
export interface RawTool {
  /** Name of the server's configuration. */
  readonly server: string;
  /** The server's own name for it. */
  readonly tool: string;
  /** What the namespace is made of. Default: the name of the server. */
  readonly namespace?: string | undefined;
  /** What the name is made of. Default: the server's own. */
  readonly callable?: string | undefined;
  /** Of tools that one server gathers of several connectors. */
  readonly connectorId?: string | undefined;
}

/** A tool as a model sees it. */
export interface ModelToolName {
  /** Letters, digits and underscores. */
  readonly namespace: string;
  /** The same; unique within the namespace. */
  readonly name: string;
}

export interface ModelToolNameOptions {
  /** Bytes of namespace and name together with the two between them, at least 32. Default 64. */
  readonly maxBytes?: number | undefined;
}

/**
 * Names for models, which take letters, digits and underscores alone and not many of them: what is the same or too long with only those
 * gets a hash of what it was. The same tools give the same names, in whatever order they come.
 *
 * @returns Those of the tools as they were given, without exact duplicates; sorted by what they were.
 * @throws RangeError - `maxBytes` is too small for a name with a hash.
 */
export function modelToolNames<Tool extends RawTool>(
  tools: Iterable<Tool>,
  { maxBytes = MODEL_TOOL_NAME_MAX_BYTES }: ModelToolNameOptions = {},
): ReadonlyMap<Tool, ModelToolName> {
  if (!(maxBytes >= 32)) throw new RangeError(`maxBytes must be 32 or more, not ${maxBytes}`);
  const candidates = apart(withoutDuplicates(tools));
  const taken = new Set<string>();
  const names = new Map<Tool, ModelToolName>();
  for (const { tool, identity, ...wanted } of candidates.sort(byIdentity)) {
    const fitting = fit(wanted, identity, maxBytes, taken);
    taken.add(joined(fitting));
    names.set(tool, fitting);
  }
  return names;
}

interface Candidate<Tool> extends ModelToolName {
  readonly tool: Tool;
  /** What its server and itself are called, told apart from all others. */
  readonly identity: string;
}

function withoutDuplicates<Tool extends RawTool>(tools: Iterable<Tool>): readonly Tool[] {
  const byIdentity = new Map<string, Tool>();
  for (const tool of tools) {
    const identity = identityOf(tool);
    if (!byIdentity.has(identity)) byIdentity.set(identity, tool);
  }
  return [...byIdentity.values()];
}

/** Give those a hash that would have the same namespace or the same name. */
function apart<Tool extends RawTool>(tools: readonly Tool[]): Candidate<Tool>[] {
  const origins = grouped(tools, (tool) => namespaceOf(tool), originOf);
  const spread = tools.map((tool) => {
    const namespace = namespaceOf(tool);
    const isShared = (origins.get(namespace)?.size ?? 0) > 1;
    return {
      tool,
      identity: identityOf(tool),
      namespace: isShared ? namespace + suffixOf(originOf(tool)) : namespace,
      name: sanitized(callableOf(tool)),
    };
  });
  const identities = grouped(spread, keyOf, ({ identity }) => identity);
  return spread.map((candidate) => {
    const isShared = (identities.get(keyOf(candidate))?.size ?? 0) > 1;
    return isShared ? { ...candidate, name: candidate.name + suffixOf(candidate.identity) } : candidate;
  });
}

function grouped<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  memberOf: (item: Item) => string,
): ReadonlyMap<string, ReadonlySet<string>> {
  const groups = new Map<string, Set<string>>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key) ?? new Set();
    groups.set(key, group.add(memberOf(item)));
  }
  return groups;
}

/** Cut a name where it is too long, and let a hash tell it from others. */
function fit(wanted: ModelToolName, identity: string, maxBytes: number, taken: ReadonlySet<string>): ModelToolName {
  const { namespace, name } = wanted;
  const isShort = namespace.length + name.length + DELIMITER_BYTES <= maxBytes;
  if (isShort && !taken.has(joined(wanted))) return { namespace, name };
  for (let attempt = 0; ; attempt += 1) {
    const suffix = suffixOf(attempt === 0 ? identity : `${identity}\0${attempt}`);
    const fitting = cut(wanted, suffix, maxBytes - DELIMITER_BYTES);
    if (!taken.has(joined(fitting))) return fitting;
  }
}

function cut({ namespace, name }: ModelToolName, suffix: string, maxBytes: number): ModelToolName {
  const room = maxBytes - namespace.length - SUFFIX_BYTES;
  if (room >= 0) return { namespace, name: name.slice(0, room) + suffix };
  return { namespace: namespace.slice(0, maxBytes - SUFFIX_BYTES), name: suffix };
}

function namespaceOf(tool: RawTool): string {
  return PREFIX + sanitized(tool.namespace ?? tool.server);
}

function callableOf(tool: RawTool): string {
  return tool.callable ?? tool.tool;
}

/** What a namespace stands for. */
function originOf({ server, namespace = server, connectorId = "" }: RawTool): string {
  return `${server}\0${namespace}\0${connectorId}`;
}

function identityOf(tool: RawTool): string {
  return `${originOf(tool)}\0${callableOf(tool)}\0${tool.tool}`;
}

/** Every character, and not every half of one, becomes one. */
function sanitized(text: string): string {
  return text === "" ? "_" : text.replaceAll(/[^A-Za-z0-9_]/gu, "_");
}

function suffixOf(text: string): string {
  return `_${createHash("sha1").update(text).digest("hex").slice(0, HASH_DIGITS)}`;
}

/** Namespace and name must also be told from others where nothing stands between them. */
function joined({ namespace, name }: ModelToolName): string {
  return namespace + name;
}

function keyOf({ namespace, name }: ModelToolName): string {
  return `${namespace}\0${name}`;
}

/** By bytes, as other languages sort texts. */
function byIdentity(one: { readonly identity: string }, other: { readonly identity: string }): number {
  return Buffer.compare(Buffer.from(one.identity), Buffer.from(other.identity));
}
