import { type Executor, InvalidArgumentError, type Sandbox } from "@holdfast/exec-client";
import {
  Manifest,
  normalizeSandboxClientCreateArgs,
  type SandboxClient,
  type SandboxClientCreateArgs,
  type SandboxClientOptions,
  SandboxUnsupportedFeatureError,
} from "@openai/agents/sandbox";
import { refuseUnsupported } from "./lay-entries.ts";
import { HoldfastSandboxSession } from "./sandbox-session.ts";
import { Workspace } from "./workspace.ts";

/** Where sessions are, and how they are confined. */
export interface HoldfastSandboxClientOptions {
  /** An executor, which stays open; or how to connect to one for each session, which closes it at its end. */
  readonly connect: Executor | (() => Promise<Executor>);
  /**
   * Folder on the executor that is the workspace of every session, absolute; it is made where it is missing, and stays. A `root` of the
   * manifest other than `/workspace` comes first. Default: a new temporary folder for each session, removed at its end.
   */
  readonly root?: string | undefined;
  /**
   * How the commands and file calls of the agent are confined. Relative paths in it start at the workspace. Default `"workspace-write"`:
   * everything may be read, the workspace and temporary folders may be written, and there is no network. `"none"` confines nothing.
   */
  readonly sandbox?: Sandbox | undefined;
}

/** What a manifest has for a root that says nothing of its own. */
const DEFAULT_ROOT = new Manifest().root;

/** A sandbox client of the OpenAI Agents SDK over executors. */
export class HoldfastSandboxClient implements SandboxClient {
  readonly backendId = "holdfast";
  readonly #options: HoldfastSandboxClientOptions;

  constructor(options: HoldfastSandboxClientOptions) {
    this.#options = options;
  }

  /**
   * Make a workspace and lay down in it what the manifest lists.
   *
   * @throws SandboxUnsupportedFeatureError - The manifest has mounts or other things that are not done, or a snapshot is asked for.
   * @throws InvalidArgumentError - `root` or `sandbox` can not be used on that executor.
   */
  async create(
    args?: SandboxClientCreateArgs | Manifest,
    manifestOptions?: SandboxClientOptions,
  ): Promise<HoldfastSandboxSession> {
    const { manifest, snapshot } = normalizeSandboxClientCreateArgs(args, manifestOptions);
    if (snapshot !== undefined && snapshot.type !== "noop") {
      throw new SandboxUnsupportedFeatureError("snapshots are not supported on an executor; leave snapshot out");
    }
    refuseUnsupported(manifest);
    const { connect, sandbox = "workspace-write" } = this.#options;
    const executor = typeof connect === "function" ? await connect() : connect;
    const cleanUps = typeof connect === "function" ? [() => executor.close()] : [];
    const release = () => inReverse(cleanUps);
    try {
      const wanted = manifest.root === DEFAULT_ROOT ? this.#options.root : manifest.root;
      const root = wanted ?? (await temporaryFolder(executor));
      if (wanted === undefined) cleanUps.push(() => executor.fs.remove(root, { recursive: true, force: true }));
      const workspace = new Workspace(executor, { root, sandbox });
      if (wanted !== undefined) await executor.fs.createDirectory(workspace.root, { recursive: true });
      const placed = new Manifest({ ...manifest, root: workspace.rootPath, entries: {} });
      const state = { manifest: placed, environment: {}, workspaceReady: true };
      const session = new HoldfastSandboxSession({ workspace, state, release });
      await session.applyManifest(new Manifest({ ...manifest, root: workspace.rootPath }));
      return session;
    } catch (error) {
      await release().catch(() => {});
      throw error;
    }
  }
}

/** All of them, whatever one of them throws. @throws unknown - The first error. */
async function inReverse(cleanUps: readonly (() => Promise<void>)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const cleanUp of cleanUps.toReversed()) await cleanUp().catch((error: unknown) => errors.push(error));
  if (errors.length > 0) throw errors[0];
}

async function temporaryFolder(executor: Executor): Promise<string> {
  const { pathConvention, tempDir } = executor.environment;
  if (pathConvention === "windows") {
    throw new InvalidArgumentError(
      "connect",
      "the Agents SDK knows POSIX paths only; connect to an executor on Linux or macOS",
    );
  }
  const folder = tempDir === undefined ? "/tmp" : await executor.fs.realpath(tempDir);
  return await executor.fs.mkdtemp(`${folder}/holdfast-agent-`);
}
