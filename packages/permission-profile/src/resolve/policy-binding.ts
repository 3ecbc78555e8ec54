import type { PathConvention, PathUri } from "@holdfast/path-uri";
import type { ParsedFileSystemSandboxContext } from "../parse/parsed-types.ts";

/** What symbolic and relative entries mean on the machine that enforces them. */
export interface PolicyBinding {
  /** The path convention of the enforcing machine. Paths of the other convention grant and deny nothing. */
  readonly convention: PathConvention;
  /** What relative patterns resolve against; on Windows also the drive that `root` means. */
  readonly cwd: PathUri | undefined;
  /** What `project_roots` means, in order. Empty: nothing. */
  readonly workspaceRoots: readonly PathUri[];
  /** Where `~/` of a pattern leads. */
  readonly home: PathUri | undefined;
  /** What `tmpdir` means. Empty: nothing. */
  readonly tmpdir: readonly PathUri[];
  /** What `slash_tmp` means: `/tmp` where that is a folder. */
  readonly slashTmp: PathUri | undefined;
  /** What `minimal` means: the platform's runtime files, read only. Default none. */
  readonly platformRoots?: readonly PathUri[] | undefined;
}

/** What the enforcing machine brings to a binding. Never taken from the environment of the confined command. */
export interface BindingHost {
  readonly convention: PathConvention;
  /** Used where the context names no directory, such as the working directory of the process to start. */
  readonly fallbackCwd?: PathUri | undefined;
  /** The enforcing program's own home; a hint of the context wins. */
  readonly home?: PathUri | undefined;
  /** The enforcing program's own temporary folders; a hint of the context wins, even an empty one. */
  readonly tmpdir?: readonly PathUri[] | undefined;
  readonly slashTmp?: PathUri | undefined;
  readonly platformRoots?: readonly PathUri[] | undefined;
}

/**
 * Bind the symbolic places of a context to a machine. A `policyContext`, even an empty one, replaces `cwd` and
 * `workspaceRoots`; there, and in an empty list, no roots means no roots. A context that does not name the member at all
 * comes from a peer before 0.150, which means its directory.
 */
export function bindContext(context: ParsedFileSystemSandboxContext, host: BindingHost): PolicyBinding {
  const { policyContext } = context;
  const { workspaceRoots, ...named } = policyContext ?? context;
  const cwd = named.cwd ?? host.fallbackCwd;
  const isOfOldPeer = !policyContext && workspaceRoots === undefined && cwd !== undefined;
  return {
    convention: host.convention,
    cwd,
    workspaceRoots: isOfOldPeer ? [cwd] : (workspaceRoots ?? []),
    home: context.userHomeDir ?? host.home,
    tmpdir: context.temporaryDirectories ?? host.tmpdir ?? [],
    slashTmp: host.slashTmp,
    platformRoots: host.platformRoots ?? [],
  };
}
