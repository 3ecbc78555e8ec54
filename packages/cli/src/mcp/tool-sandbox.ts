import type { Environment, Sandbox } from "@holdfast/exec-client";
import { ancestors, displayPath, join, type PathUri, parent } from "@holdfast/path-uri";
import {
  applyAdditionalPermissions,
  type ParsedFileSystemSandboxEntry,
  readOnlyProfile,
  workspaceWriteProfile,
} from "@holdfast/permission-profile";
import type { Arguments } from "../command-line/arguments.ts";
import { UsageError } from "../command-line/failure.ts";

const POLICIES = ["read-only", "workspace-write", "none"] as const;

/** What the options say about the sandbox, before its place is known. */
export interface SandboxOptions {
  /** Undefined: what suits the working folder. */
  readonly policy: (typeof POLICIES)[number] | undefined;
  readonly writable: readonly string[];
  readonly deny: readonly string[];
  readonly network: boolean;
}

/** A sandbox for the tools of one place. */
export interface ToolSandbox {
  readonly sandbox: Sandbox;
  /** What it lets be done, as the end of a sentence; undefined: everything. */
  readonly text: string | undefined;
  /** Why the working folder can not be written, where nobody asked for that. */
  readonly caution: string | undefined;
}

/** @throws UsageError - They contradict each other. */
export function sandboxOptions(args: Arguments): SandboxOptions {
  const policy = args.choice("sandbox", POLICIES);
  const options = { writable: args.texts("writable"), deny: args.texts("deny"), network: args.has("network") };
  if (policy === "read-only") refuse({ writable: options.writable.length > 0 }, policy);
  if (policy === "none") {
    refuse({ writable: options.writable.length > 0, deny: options.deny.length > 0, network: options.network }, policy);
  }
  return { policy, ...options };
}

/**
 * The sandbox for a working folder on the executor's machine.
 *
 * @throws PathUriError - A path is none of that system.
 */
export function toolSandbox(
  { policy, writable, deny, network }: SandboxOptions,
  cwd: PathUri,
  environment: Pick<Environment, "pathConvention" | "userHomeDir">,
): ToolSandbox {
  if (policy === "none") return { sandbox: "none", text: undefined, caution: undefined };
  const caution = policy === undefined ? cautionOf(cwd, environment) : undefined;
  const roots = [
    ...(policy === "read-only" || caution !== undefined ? [] : [cwd]),
    ...writable.map((path) => join(cwd, path)),
  ];
  const rules = { network: network ? "enabled" : "restricted" } as const;
  const profile = roots.length === 0 ? readOnlyProfile(rules) : workspaceWriteProfile(rules);
  const entries = deny.map((path) => denied(path, cwd));
  const sandbox = {
    permissions:
      entries.length === 0
        ? profile
        : applyAdditionalPermissions(profile, { isNetworkEnabled: false, fileSystem: { entries } }),
    cwd,
    workspaceRoots: roots.length === 0 ? [cwd] : roots,
    windowsSandboxLevel: environment.pathConvention === "posix" ? "disabled" : "restricted-token",
  } as const;
  return { sandbox, text: textOf(roots), caution };
}

function textOf(roots: readonly PathUri[]): string {
  if (roots.length === 0) return "nothing may be written";
  const folders = roots.map((uri) => displayPath(uri)).join(", ");
  return `only ${folders} and the temporary folders may be written, but for .git, .agents, .codex and .aws there`;
}

function refuse(given: Readonly<Record<string, boolean>>, policy: string): void {
  const [name] = Object.entries(given).find(([, isGiven]) => isGiven) ?? [];
  if (name !== undefined) throw new UsageError(`--${name} does not go with --sandbox ${policy}`);
}

/** A client may start this anywhere: not everything that a user has is a workspace. */
function cautionOf(cwd: PathUri, { userHomeDir: home }: Pick<Environment, "userHomeDir">): string | undefined {
  const shown = displayPath(cwd);
  if (parent(cwd) === undefined) return `${shown} is the root of the file system`;
  if (home === undefined) return undefined;
  if (cwd === home) return `${shown} is the home folder`;
  return ancestors(home).includes(cwd) ? `${shown} contains the home folder` : undefined;
}

function denied(text: string, cwd: PathUri): ParsedFileSystemSandboxEntry {
  return isPattern(text)
    ? { path: { type: "glob_pattern", pattern: text }, access: "deny" }
    : { path: { type: "path", path: join(cwd, text) }, access: "deny" };
}

/** The home folder is a matter of patterns, too. */
function isPattern(text: string): boolean {
  return /[*?[]|^~(?:[/\\]|$)/.test(text);
}
