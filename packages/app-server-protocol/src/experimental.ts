import type { ExperimentalMember } from "./experimental-member.ts";
import { EXPERIMENTAL_MEMBERS } from "./gen/experimental.gen.ts";
import type { ClientRequests, ServerRequests } from "./gen/stub-types.gen.ts";
import { METHODS } from "./methods.ts";

type Params = Readonly<Record<string, unknown>>;

/**
 * What of a request of a client is experimental, as a refusal calls it: the method, or `method.member` for the first such member of its params. Undefined: nothing.
 *
 * @param params - Decoded.
 */
export function experimentalPart(method: keyof ClientRequests, params: unknown): string | undefined {
  if (METHODS[method].experimental) return method;
  const members = membersOf(method);
  if (members.length === 0 || typeof params !== "object" || params === null) return undefined;
  const found = members.find((member) => isThere(member, params as Params));
  if (found === undefined) return undefined;
  return typeof found.counts === "object" ? found.counts.named : [method, ...found.path].join(".");
}

/** The params of a request of a server for a client that has not asked for what is experimental. */
export function withoutExperimental<Method extends keyof ServerRequests>(
  method: Method,
  params: ServerRequests[Method]["params"],
): ServerRequests[Method]["params"] {
  const hidden = new Set(membersOf(method).map(({ path: [member] }) => member));
  if (hidden.size === 0) return params;
  return Object.fromEntries(Object.entries(params).filter(([member]) => !hidden.has(member))) as typeof params;
}

function membersOf(method: string): readonly ExperimentalMember[] {
  return (Object.hasOwn(EXPERIMENTAL_MEMBERS, method) && EXPERIMENTAL_MEMBERS[method]) || [];
}

function isThere({ path, counts }: ExperimentalMember, params: Params): boolean {
  let value: unknown = params;
  for (const name of path) value = memberOf(value, name);
  if (value === undefined || value === null) return false;
  if (counts === "given") return true;
  if (counts === "true") return value === true;
  return memberOf(value, counts.has) !== undefined;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Params)[name]
    : undefined;
}
