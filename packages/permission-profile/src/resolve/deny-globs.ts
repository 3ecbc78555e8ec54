import { conventionOf, GlobSyntaxError, type PathUri } from "@holdfast/path-uri";
import { charactersOf, compileGlob, type GlobPattern } from "../glob/glob-pattern.ts";
import { absoluteStart, type GlobStart, isHomeGlob, WORKSPACE_GLOB_PREFIX } from "../glob/glob-start.ts";
import { namesOf } from "../paths/path-names.ts";
import type { FileSystemPolicy } from "../policy/file-system-policy.ts";
import type { PolicyBinding } from "./policy-binding.ts";
import { rootOf } from "./resolve-entries.ts";

/** A deny pattern bound to a machine. */
export interface DenyGlob {
  /** Absolute native text, for showing and for sorting. */
  readonly pattern: string;
  /** As the entry writes it. */
  readonly source: string;
  /** Position of the first entry that has it. */
  readonly index: number;
  /** The deepest folder that everything the pattern matches lies at or below: where a scan starts. */
  readonly base: PathUri;
  /** Does the pattern match the target or a folder above it? */
  matches(target: PathUri): boolean;
}

/** A deny pattern that can not be understood on this machine. */
export interface UnusableGlob {
  readonly pattern: string;
  readonly index: number;
  /** One sentence, naming the pattern. */
  readonly reason: string;
}

/** A bound pattern together with its matcher over names. */
export interface BoundGlob extends DenyGlob {
  readonly compiled: GlobPattern;
}

/** Bind every deny pattern of a policy, in the order of the entries, each source once. */
export function bindDenyGlobs(
  policy: FileSystemPolicy,
  binding: PolicyBinding,
): { globs: readonly BoundGlob[]; unusable: UnusableGlob | undefined } {
  const sources = new Map<string, number>();
  for (const [index, { path, access }] of (policy.kind === "restricted" ? policy.entries : []).entries()) {
    if (path.type === "glob_pattern" && access === "deny" && !sources.has(path.pattern))
      sources.set(path.pattern, index);
  }
  const globs: BoundGlob[] = [];
  for (const [pattern, index] of sources) {
    try {
      for (const compiled of compileBelowEach(pattern, binding)) globs.push(boundGlob(pattern, index, compiled));
    } catch (error) {
      if (!(error instanceof GlobSyntaxError)) throw error;
      return { globs: [], unusable: { pattern, index, reason: error.message } };
    }
  }
  return { globs, unusable: undefined };
}

function compileBelowEach(pattern: string, binding: PolicyBinding): GlobPattern[] {
  const { convention } = binding;
  try {
    if (pattern.startsWith(WORKSPACE_GLOB_PREFIX)) {
      const rest = pattern.slice(WORKSPACE_GLOB_PREFIX.length);
      const roots = binding.workspaceRoots.filter((root) => conventionOf(root) === convention);
      return roots.map((root) => compileGlob(root, rest, convention));
    }
    if (pattern === "") throw new GlobSyntaxError("it is empty");
    const { folder, rest } = startOf(pattern, binding);
    return [compileGlob(folder, rest, convention)];
  } catch (error) {
    if (!(error instanceof GlobSyntaxError) || error instanceof UnboundGlobError) throw error;
    throw new GlobSyntaxError(`invalid deny-read glob pattern \`${pattern}\`: ${error.message}`, { cause: error });
  }
}

/** The pattern itself may be fine, but this machine has no place to start it from. */
class UnboundGlobError extends GlobSyntaxError {}

function startOf(pattern: string, binding: PolicyBinding): GlobStart {
  const { convention, cwd, home } = binding;
  if (isHomeGlob(pattern, convention)) {
    if (home === undefined || conventionOf(home) !== convention) throw unbound(pattern, "executor home");
    return { folder: home, rest: pattern.slice(1) };
  }
  const absolute = absoluteStart(pattern, convention);
  if (absolute !== undefined) return absolute;
  if (cwd === undefined || conventionOf(cwd) !== convention) throw unbound(pattern, "a policy cwd");
  if (convention === "windows" && /^[\\/]/.test(pattern)) return { folder: rootOf(binding) ?? cwd, rest: pattern };
  if (convention === "windows" && /^[A-Za-z]:/.test(pattern)) {
    throw new GlobSyntaxError("it depends on the current folder of a drive");
  }
  return { folder: cwd, rest: pattern };
}

function unbound(pattern: string, what: string): UnboundGlobError {
  return new UnboundGlobError(`unable to resolve deny-read glob pattern \`${pattern}\` without ${what}`);
}

function boundGlob(source: string, index: number, compiled: GlobPattern): BoundGlob {
  const baseNames = namesOf(compiled.base) ?? [];
  return {
    pattern: compiled.text,
    source,
    index,
    base: compiled.base,
    compiled,
    matches(target) {
      const names = conventionOf(target) === conventionOf(compiled.base) ? namesOf(target) : undefined;
      const isBelow = names !== undefined && baseNames.every((name, at) => name === names[at]);
      return isBelow && compiled.matches(charactersOf(names));
    },
  };
}
