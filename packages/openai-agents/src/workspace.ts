import { displayPath, type Executor, InvalidArgumentError, placedSandbox, type Sandbox } from "@holdfast/exec-client";
import { join, type PathUri } from "@holdfast/path-uri";
import { SandboxUnsupportedFeatureError, WorkspacePathPolicy } from "@openai/agents/sandbox";

/** What other programs obey, which a confined command may not write right below its workspace. The application may. */
const PROTECTED_NAMES = [".git", ".agents", ".codex", ".aws"];

/** The folder of a session, and how what happens in it is confined. */
export class Workspace {
  readonly executor: Executor;
  readonly root: PathUri;
  /** Of commands and file calls of the agent. */
  readonly sandbox: Sandbox;
  /** Of what the application lays down: it may write all of the workspace and nothing else, and has the network. */
  readonly layingSandbox: Sandbox;
  readonly #policy: WorkspacePathPolicy;

  /** @throws InvalidArgumentError - `root` is no absolute path, or `sandbox` can not be used on this executor. */
  constructor(executor: Executor, { root, sandbox }: { readonly root: string; readonly sandbox: Sandbox }) {
    const { environment } = executor;
    if (environment.cwd === undefined) {
      const message = "this executor does not tell its working folder; use one of 0.144 or later";
      throw new InvalidArgumentError("connect", message);
    }
    if (!root.startsWith("/")) {
      throw new InvalidArgumentError("root", `root must be an absolute path, not ${JSON.stringify(root)}`);
    }
    this.executor = executor;
    this.root = join(environment.cwd, root);
    this.sandbox = placedSandbox(sandbox, this.root, environment);
    const rules = { write: [".", ...PROTECTED_NAMES], network: true };
    this.layingSandbox = sandbox === "none" ? "none" : placedSandbox(rules, this.root, environment);
    this.#policy = new WorkspacePathPolicy({ root: this.rootPath });
  }

  get rootPath(): string {
    return displayPath(this.root);
  }

  /**
   * Where a path leads by its names: relative to the workspace, or absolute below it.
   *
   * @throws SandboxInvalidManifestPathError - It leaves the workspace.
   */
  place(path: string | undefined): PathUri {
    return join(this.root, this.#policy.resolve(path).path);
  }

  /** A path as the workspace names it, empty for the workspace itself. */
  nameOf(path: string): string {
    return this.#policy.resolve(path).workspaceRelativePath ?? "";
  }
}

/** Files are those of the executor's own user. */
export function refuseRunAs(runAs: string | undefined, operation: string): void {
  if (runAs === undefined) return;
  throw new SandboxUnsupportedFeatureError(
    `${operation} can not be done as ${JSON.stringify(runAs)}: only commands can run as another user; leave runAs out`,
  );
}
