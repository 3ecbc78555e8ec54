import { displayPath, join, type PathUri, parent } from "@holdfast/path-uri";
import {
  type AccessDecision,
  type AccessResolver,
  bindContext,
  type FileSystemSandboxContext,
  fileSystemPolicyOf,
  networkPolicyOf,
  type ParsedFileSystemSandboxContext,
  prepare,
} from "@holdfast/permission-profile";
import type { Environment } from "../environment.ts";
import { type Refusal, refusalsIn } from "./denied-names.ts";

/** What a sandbox probably refused a command, by what the command said and what the rules say about that. */
export interface SandboxDenial {
  /** A native path, or a host. */
  readonly target: string;
  readonly access: "read" | "write" | "network";
  /** The rule that decides, in words. */
  readonly rule: string;
  /** How the `sandbox` would have to be for it to pass. */
  readonly allow: string;
}

/** What is known of a confined command. */
export interface ConfinedCommand {
  readonly sandbox: FileSystemSandboxContext;
  /** Whether listed hosts may be reached by a proxy. */
  readonly hasProxy: boolean;
  readonly cwd: PathUri;
  readonly environment: Pick<Environment, "pathConvention" | "userHomeDir" | "temporaryDirectories">;
}

/**
 * The first thing of which a command says that it was refused, and which the rules refuse indeed. Names are taken as they are written: what
 * a link leads to is not known here. Undefined where nothing fits: then the sandbox may be to blame all the same.
 */
export function denialOf(output: string, command: ConfinedCommand): SandboxDenial | undefined {
  let files: AccessResolver | undefined;
  for (const refusal of refusalsIn(output)) {
    if (refusal.kind === "host") {
      const denial = networkDenial(refusal.name, command);
      if (denial !== undefined) return denial;
      continue;
    }
    files ??= filesOf(command);
    const denial = files === undefined ? undefined : fileDenial(refusal, files, command.cwd);
    if (denial !== undefined) return denial;
  }
  return undefined;
}

function filesOf({ sandbox, cwd, environment }: ConfinedCommand): AccessResolver | undefined {
  const { pathConvention: convention } = environment;
  if (convention === undefined) return undefined;
  const context = sandbox as ParsedFileSystemSandboxContext;
  const host = {
    convention,
    fallbackCwd: cwd,
    home: environment.userHomeDir,
    tmpdir: environment.temporaryDirectories,
    slashTmp: convention === "posix" ? join(rootOf(cwd), "tmp") : undefined,
  };
  try {
    return prepare(fileSystemPolicyOf(context.permissions), bindContext(context, host));
  } catch {
    // The executor has refused such rules, in its own words.
    return undefined;
  }
}

function rootOf(path: PathUri): PathUri {
  let root = path;
  for (let above = parent(root); above !== undefined; above = parent(root)) root = above;
  return root;
}

function fileDenial({ name, kind }: Refusal, files: AccessResolver, cwd: PathUri): SandboxDenial | undefined {
  const path = placeOf(name, cwd);
  if (path === undefined) return undefined;
  const decision = files.accessOf(path);
  if (decision.access === "write") return undefined;
  // What only reading is allowed of is there, and may be read.
  if (kind === "missing" && decision.access === "read") return undefined;
  const access = decision.access === "read" ? "write" : "read";
  const target = displayPath(path);
  return { target, access, rule: ruleOf(decision), allow: allowOf(path, decision) };
}

function placeOf(name: string, cwd: PathUri): PathUri | undefined {
  try {
    return join(cwd, name);
  } catch {
    return undefined;
  }
}

function ruleOf({ access, rule }: AccessDecision): string {
  switch (rule.kind) {
    case "entry":
      return access === "deny" ? `deny ${displayPath(rule.path)}` : `only reading below ${displayPath(rule.path)}`;
    case "glob":
      return `deny ${rule.pattern}`;
    case "protected-metadata":
      return `${rule.name} of a writable folder stays as it is`;
    case "unmatched":
      return "nothing allows it";
    case "unusable-glob":
      return rule.reason;
    default:
      return "it is no path there";
  }
}

function allowOf(path: PathUri, { access, rule }: AccessDecision): string {
  if (rule.kind === "glob" || (rule.kind === "entry" && access === "deny")) return "take that out of deny";
  const folder = rule.kind === "protected-metadata" ? join(rule.root, rule.name) : (parent(path) ?? path);
  const member = access === "read" ? "write" : "read";
  return `sandbox: { ${member}: [${JSON.stringify(displayPath(folder))}] }`;
}

function networkDenial(host: string, { sandbox, hasProxy }: ConfinedCommand): SandboxDenial | undefined {
  if (networkPolicyOf((sandbox as ParsedFileSystemSandboxContext).permissions) === "enabled") return undefined;
  return {
    target: host,
    access: "network",
    rule: hasProxy ? "only listed hosts, and by the proxy of the environment" : "no network",
    allow: `sandbox: { network: { allow: [${JSON.stringify(host)}] } }`,
  };
}
