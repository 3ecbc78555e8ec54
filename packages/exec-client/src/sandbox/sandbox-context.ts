import type { ProcessStartParams } from "@holdfast/exec-server-protocol";
import { join, type PathUri } from "@holdfast/path-uri";
import {
  type FileSystemPolicy,
  type FileSystemSandboxContext,
  type ParsedFileSystemSandboxEntry,
  type ParsedPermissionProfile,
  PROTECTED_METADATA_NAMES,
  profileOf,
  readOnlyProfile,
  workspaceWriteProfile,
} from "@holdfast/permission-profile";
import type { Environment } from "../environment.ts";
import { InvalidArgumentError } from "../errors.ts";
import { domainDecisions } from "./domain-rules.ts";
import type { NetworkRules, Sandbox, SandboxRules } from "./sandbox.ts";

/** What of an executor a sandbox is written for. */
export type SandboxHost = Pick<Environment, "pathConvention" | "capabilities">;

/** The members of a start that confine it. */
export type Confinement = Pick<ProcessStartParams, "sandbox" | "networkProxy" | "enforceManagedNetwork">;

/** Words that are sandboxes. */
const WORDS = ["read-only", "workspace-write", "none"] as const;
const MEMBERS = ["read", "write", "deny", "network"];
const NETWORK_MEMBERS = ["allow", "deny"];

const UNCONFINED: Confinement = {};

/**
 * What a sandbox is on the wire, for the start of a process.
 *
 * @param cwd - Working folder: what relative paths start at, and the workspace. Undefined: not known.
 * @throws InvalidArgumentError - `sandbox`: an unknown word or member, a path that can not be placed, a domain that is none; or a list
 * of domains for an executor that has no proxy.
 */
export function confinementOf(
  sandbox: Sandbox | null | undefined,
  cwd: PathUri | undefined,
  host: SandboxHost,
): Confinement {
  const context = sandboxContextOf(sandbox, cwd, host);
  if (context === undefined) return UNCONFINED;
  const network = isRules(sandbox) ? sandbox.network : undefined;
  if (typeof network !== "object") return { sandbox: context };
  if (!host.capabilities.networkProxyLaunch) {
    throw refusal("network: this executor can not tell domains apart; use true or false");
  }
  return { sandbox: context, enforceManagedNetwork: true, networkProxy: { proxy: proxyOf(network) } };
}

/** The same for a file call, which has no network. */
export function sandboxContextOf(
  sandbox: Sandbox | null | undefined,
  cwd: PathUri | undefined,
  host: SandboxHost,
): FileSystemSandboxContext | undefined {
  if (!isConfined(sandbox)) return undefined;
  const hasRules = isRules(sandbox);
  if (!hasRules && typeof sandbox !== "string") return sandbox;
  const permissions = hasRules ? profileOfRules(sandbox, cwd) : profileOfWord(sandbox);
  return {
    permissions,
    // The level of a Windows executor that confines at all, which one that does not tell its system may be; the others do not look at it.
    windowsSandboxLevel: host.pathConvention === "posix" ? "disabled" : "restricted-token",
    ...(cwd === undefined ? {} : { cwd, workspaceRoots: [cwd] }),
  };
}

/** Whether it is a sandbox at all. */
export function isConfined(sandbox: Sandbox | null | undefined): sandbox is Exclude<Sandbox, "none"> {
  return sandbox !== undefined && sandbox !== null && sandbox !== "none";
}

/** Whether a sandbox is written as rules. @throws InvalidArgumentError for what is no sandbox at all. */
export function isRules(sandbox: unknown): sandbox is SandboxRules {
  if (typeof sandbox === "string") {
    if (!WORDS.some((word) => word === sandbox))
      throw refusal(`no such word as ${JSON.stringify(sandbox)}; there are ${list(WORDS)}`);
    return false;
  }
  if (typeof sandbox !== "object" || sandbox === null || Array.isArray(sandbox)) {
    throw refusal(`it must be ${list(WORDS)}, or an object of rules`);
  }
  if ("permissions" in sandbox) {
    const rule = MEMBERS.find((name) => name in sandbox);
    if (rule === undefined) return false;
    throw refusal(`${rule} would not count beside permissions; it must be rules or a context`);
  }
  refuseUnknown(sandbox, MEMBERS, "sandbox");
  return true;
}

function profileOfWord(word: "read-only" | "workspace-write"): ParsedPermissionProfile {
  return word === "read-only" ? readOnlyProfile() : workspaceWriteProfile();
}

function profileOfRules(rules: SandboxRules, cwd: PathUri | undefined): ParsedPermissionProfile {
  const place = (text: string, member: string): PathUri => placeOf(text, cwd, member);
  const written = texts(rules.write, "write").map((text) => place(text, "write"));
  const entries: ParsedFileSystemSandboxEntry[] = [
    ...readEntries(rules.read, place),
    ...written.map((path) => entry(path, "write")),
    ...protectedEntries(written),
    ...texts(rules.deny, "deny").map((text) =>
      isPattern(text) ? patternEntry(text) : entry(place(text, "deny"), "deny"),
    ),
  ];
  const policy: FileSystemPolicy = { kind: "restricted", entries };
  return profileOf(policy, networkOf(rules.network) === true ? "enabled" : "restricted");
}

function readEntries(
  read: readonly string[] | undefined,
  place: (text: string, member: string) => PathUri,
): readonly ParsedFileSystemSandboxEntry[] {
  if (read === undefined) return [{ path: { type: "special", value: { kind: "root" } }, access: "read" }];
  const minimal: ParsedFileSystemSandboxEntry = {
    path: { type: "special", value: { kind: "minimal" } },
    access: "read",
  };
  return [minimal, ...texts(read, "read").map((text) => entry(place(text, "read"), "read"))];
}

/** What other programs obey, such as the hooks of a repository, is not for a confined command to write. */
function protectedEntries(written: readonly PathUri[]): readonly ParsedFileSystemSandboxEntry[] {
  return written.flatMap((root) =>
    PROTECTED_METADATA_NAMES.map((name) => join(root, name))
      .filter((path) => !written.includes(path))
      .map((path) => ({ ...entry(path, "read"), missing_path_behavior: "skip" as const })),
  );
}

function entry(path: PathUri, access: "read" | "write" | "deny"): ParsedFileSystemSandboxEntry {
  return { path: { type: "path", path }, access };
}

function patternEntry(pattern: string): ParsedFileSystemSandboxEntry {
  return { path: { type: "glob_pattern", pattern }, access: "deny" };
}

/** The home folder is a matter of patterns, too. */
export function isPattern(text: string): boolean {
  return /[*?[]|^~(?:[/\\]|$)/.test(text);
}

function placeOf(text: string, cwd: PathUri | undefined, member: string): PathUri {
  if (member !== "deny" && isPattern(text)) {
    throw refusal(
      `${member}: ${JSON.stringify(text)} is a pattern; only deny takes patterns, and ~ is known there alone`,
    );
  }
  if (cwd === undefined) throw refusal(`${member}: relative paths need cwd`);
  try {
    return join(cwd, text);
  } catch (cause) {
    throw refusal(`${member}: ${JSON.stringify(text)} is no path of the executor`, cause);
  }
}

export function networkOf(network: SandboxRules["network"]): boolean | NetworkRules {
  if (network === undefined) return false;
  if (typeof network === "boolean") return network;
  if (typeof network !== "object" || network === null) throw refusal("network must be true, false or { allow, deny }");
  refuseUnknown(network, NETWORK_MEMBERS, "network");
  return network;
}

/** What the executor's proxy is told. It listens for this one command. */
function proxyOf(rules: NetworkRules): NonNullable<ProcessStartParams["networkProxy"]>["proxy"] {
  return {
    enabled: true,
    enableSocks5: true,
    enableSocks5Udp: false,
    allowUpstreamProxy: false,
    dangerouslyAllowAllUnixSockets: false,
    mode: "full",
    allowLocalBinding: false,
    domains: domainDecisions(texts(rules.allow, "network.allow"), texts(rules.deny, "network.deny")),
  };
}

export function texts(value: unknown, member: string): readonly string[] {
  if (value === undefined) return [];
  const isTexts = Array.isArray(value) && value.every((text) => typeof text === "string" && text !== "");
  if (!isTexts) throw refusal(`${member} must be a list of texts, none of them empty`);
  return value;
}

function refuseUnknown(rules: object, known: readonly string[], what: string): void {
  const stranger = Object.keys(rules).find((name) => !known.includes(name));
  if (stranger !== undefined) throw refusal(`${what} has no member ${stranger}; there are ${list(known)}`);
}

function list(words: readonly string[]): string {
  return words.map((word) => JSON.stringify(word)).join(", ");
}

function refusal(message: string, cause?: unknown): InvalidArgumentError {
  return new InvalidArgumentError("sandbox", `sandbox: ${message}`, { cause });
}
