import type { Forwarding } from "@holdfast/exec-client";
import { isNotFound, isUnsupported } from "@holdfast/exec-client";
import type { Editor, ToolOutputImage } from "@openai/agents";
import {
  type ExecCommandArgs,
  type ExposedPortEndpoint,
  type ListDirectoryArgs,
  Manifest,
  type MaterializeEntryArgs,
  normalizeExposedPort,
  type ReadFileArgs,
  recordExposedPortEndpoint,
  type SandboxDirectoryEntry,
  type SandboxExecResult,
  SandboxExposedPortUnavailableError,
  type SandboxSession,
  type SandboxSessionState,
  SandboxWorkspaceReadNotFoundError,
  type ViewImageArgs,
  type WriteStdinArgs,
} from "@openai/agents/sandbox";
import { described } from "./command-output.ts";
import { Commands } from "./commands.ts";
import { editorOf } from "./editor.ts";
import { IMAGE_MAX_BYTES, imageOf } from "./image.ts";
import { layEntry, refuseEntry, refuseUnsupported } from "./lay-entries.ts";
import { refuseRunAs, type Workspace } from "./workspace.ts";

/** A workspace on an executor, as the Agents SDK uses it. Made by `HoldfastSandboxClient`. */
export class HoldfastSandboxSession implements SandboxSession {
  state: SandboxSessionState;
  readonly #workspace: Workspace;
  readonly #commands: Commands;
  readonly #forwardings = new Map<number, Promise<Forwarding>>();
  readonly #release: () => Promise<void>;
  #closed: Promise<void> | undefined;

  constructor(parts: {
    readonly workspace: Workspace;
    readonly state: SandboxSessionState;
    /** Remove and close what was made for this session. */
    readonly release: () => Promise<void>;
  }) {
    this.state = parts.state;
    this.#workspace = parts.workspace;
    this.#commands = new Commands(parts.workspace);
    this.#release = parts.release;
  }

  /**
   * Run a script by a shell. What runs longer than `yieldTimeMs`, by default 10 s, gets a `sessionId` for `writeStdin`. Without `tty`
   * its stdin is empty.
   */
  exec(args: ExecCommandArgs): Promise<SandboxExecResult> {
    return this.#commands.exec(args, this.state.environment ?? {});
  }

  async execCommand(args: ExecCommandArgs): Promise<string> {
    return described(await this.exec(args));
  }

  /** Look at a command that runs on, or write to one that has a terminal. Ctrl-C interrupts one without as well. */
  async writeStdin(args: WriteStdinArgs): Promise<string> {
    return described(await this.#commands.write(args));
  }

  supportsPty(): boolean {
    return true;
  }

  async readFile({ path, runAs, maxBytes }: ReadFileArgs): Promise<Uint8Array> {
    refuseRunAs(runAs, "readFile");
    const { executor, sandbox } = this.#workspace;
    const place = this.#workspace.place(path);
    try {
      if (maxBytes === undefined) return await executor.fs.readFile(place, { sandbox });
      const beginning = executor.fs.createReadStream(place, { sandbox, length: maxBytes });
      return new Uint8Array(await new Response(beginning).arrayBuffer());
    } catch (cause) {
      if (isNotFound(cause)) throw new SandboxWorkspaceReadNotFoundError(`file not found: ${path}`, { cause });
      throw cause;
    }
  }

  async listDir({ path, runAs }: ListDirectoryArgs): Promise<SandboxDirectoryEntry[]> {
    refuseRunAs(runAs, "listDir");
    const { executor, sandbox } = this.#workspace;
    const entries = await executor.fs.readDirectory(this.#workspace.place(path), { sandbox });
    const folder = this.#workspace.nameOf(path);
    return entries
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, isFile, isDirectory }) => ({
        name,
        path: folder === "" ? name : `${folder}/${name}`,
        type: isFile ? "file" : isDirectory ? "dir" : "other",
      }));
  }

  async pathExists(path: string, runAs?: string): Promise<boolean> {
    refuseRunAs(runAs, "pathExists");
    const { executor, sandbox } = this.#workspace;
    return await executor.fs.exists(this.#workspace.place(path), { sandbox });
  }

  async directoryExists(path: string, runAs?: string): Promise<boolean> {
    if (!(await this.pathExists(path, runAs))) return false;
    const { executor, sandbox } = this.#workspace;
    return (await executor.fs.metadata(this.#workspace.place(path), { sandbox })).isDirectory;
  }

  async viewImage({ path, runAs }: ViewImageArgs): Promise<ToolOutputImage> {
    refuseRunAs(runAs, "viewImage");
    const { executor, sandbox } = this.#workspace;
    if (!(await this.pathExists(path))) throw new SandboxWorkspaceReadNotFoundError(`image file not found: ${path}`);
    const { isFile } = await executor.fs.metadata(this.#workspace.place(path), { sandbox });
    if (!isFile) throw new SandboxWorkspaceReadNotFoundError(`image path is not a file: ${path}`);
    const data = new Uint8Array(await this.readFile({ path, maxBytes: IMAGE_MAX_BYTES + 1 }));
    if (data.byteLength > IMAGE_MAX_BYTES) throw new RangeError(`image file exceeds the 10 MB limit: ${path}`);
    return imageOf(path, data);
  }

  createEditor(runAs?: string): Editor {
    return editorOf(this.#workspace, runAs);
  }

  async materializeEntry({ path, entry, runAs }: MaterializeEntryArgs): Promise<void> {
    refuseRunAs(runAs, "materializeEntry");
    refuseEntry(path, entry);
    await layEntry(this.#workspace, path, entry);
    this.#adopt({ entries: { [this.#workspace.nameOf(path)]: entry } });
  }

  async applyManifest(manifest: Manifest, runAs?: string): Promise<void> {
    if (Object.keys(manifest.entries).length > 0) refuseRunAs(runAs, "applyManifest");
    refuseUnsupported(manifest);
    for (const [path, entry] of Object.entries(manifest.entries)) await layEntry(this.#workspace, path, entry);
    this.state.environment = { ...this.state.environment, ...(await manifest.resolveEnvironment()) };
    this.#adopt(manifest);
  }

  #adopt({ entries, environment }: Partial<Pick<Manifest, "entries" | "environment">>): void {
    const before = this.state.manifest;
    this.state.manifest = new Manifest({
      ...before,
      entries: { ...before.entries, ...entries },
      environment: { ...before.environment, ...environment },
    });
  }

  /**
   * A port of this machine that leads to one of the executor's.
   *
   * @throws SandboxExposedPortUnavailableError - The executor can not, as releases of Codex can not.
   */
  async resolveExposedPort(port: number): Promise<ExposedPortEndpoint> {
    const remotePort = normalizeExposedPort(port);
    const forwarding = this.#forwardings.get(remotePort) ?? this.#workspace.executor.forward(remotePort);
    this.#forwardings.set(remotePort, forwarding);
    try {
      const { host, port: localPort } = await forwarding;
      return recordExposedPortEndpoint(this.state, { host, port: localPort, tls: false }, remotePort);
    } catch (cause) {
      this.#forwardings.delete(remotePort);
      if (!isUnsupported(cause)) throw cause;
      throw new SandboxExposedPortUnavailableError(cause.message, { cause });
    }
  }

  async running(): Promise<boolean> {
    const { state } = this.#workspace.executor;
    return this.#closed === undefined && (state === "connected" || state === "recovering");
  }

  /** End its commands and forwarded ports. Files stay. */
  async stop(): Promise<void> {
    const forwardings = [...this.#forwardings.values()];
    this.#forwardings.clear();
    await Promise.allSettled(forwardings.map(async (forwarding) => (await forwarding).close()));
    await this.#commands.stop();
  }

  /** As `stop`; then remove the workspace and close the connection, where they were made for this session. */
  close(): Promise<void> {
    this.#closed ??= this.stop().finally(this.#release);
    return this.#closed;
  }

  delete(): Promise<void> {
    return this.close();
  }
}
