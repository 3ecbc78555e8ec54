import { resolve } from "node:path";
import type { Clock } from "@holdfast/rpc";
import type { Transport } from "@modelcontextprotocol/client";
import { placementProblem } from "../config/placement.ts";
import { LOCAL_ENVIRONMENT, type McpServerConfig } from "../config/server-config.ts";
import { executorServerVariables, localServerVariables, type Variables } from "../config/server-variables.ts";
import type { McpEnvironments } from "../environments.ts";
import { ExecutorLauncher } from "../launch/executor-launcher.ts";
import { hidingValues } from "../launch/hidden-values.ts";
import type { OwnedProcess, ProcessTable } from "../launch/process-table.ts";
import type { ServerCommand, ServerProcess } from "../launch/server-process.ts";
import { STDERR_TAIL_MAX_CHARACTERS } from "../limits.ts";
import { McpError } from "../mcp-error.ts";
import { ProcessTransport } from "../transport/process-transport.ts";
import type { OpenedTransport, OpenOptions, TransportOpener } from "./open-transport.ts";

export interface StdioOpenerOptions {
  readonly environments: McpEnvironments;
  readonly table: ProcessTable;
  readonly clock: Clock;
  /** Those of this program. */
  readonly variables: Variables;
  /** Of local servers that have none of their own. */
  readonly cwd: string | undefined;
}

/** Opens the ways to servers that are processes. */
export class StdioOpener implements TransportOpener {
  readonly #options: StdioOpenerOptions;

  constructor(options: StdioOpenerOptions) {
    this.#options = options;
  }

  open(config: McpServerConfig, options: OpenOptions): OpenedTransport {
    return new OpenedStdio(config, options, this.#options);
  }
}

class OpenedStdio implements OpenedTransport {
  readonly placed: Promise<void>;
  readonly #config: McpServerConfig;
  readonly #open: OpenOptions;
  readonly #options: StdioOpenerOptions;
  #launcher: ExecutorLauncher | undefined;
  #place: object | undefined;
  #owned: OwnedProcess | undefined;
  #transport: ProcessTransport | undefined;
  #stderrTail = "";
  #hide: (text: string) => string = (text) => text;

  constructor(config: McpServerConfig, open: OpenOptions, options: StdioOpenerOptions) {
    this.#config = config;
    this.#open = open;
    this.#options = options;
    this.placed = this.#findPlace();
    this.placed.catch(() => {});
  }

  get place(): object | undefined {
    return this.#place;
  }

  async #findPlace(): Promise<void> {
    const { environments } = this.#options;
    const problem = placementProblem(this.#config, environments);
    if (problem !== undefined) throw new McpError("unavailable", problem, { serverName: this.#config.name });
    const executor = await environments.executor(this.#config.environmentId, this.#open.signal);
    this.#place = executor;
    this.#launcher = new ExecutorLauncher(executor);
  }

  async transport(signal: AbortSignal): Promise<Transport> {
    const { table, clock } = this.#options;
    const launcher = this.#launcher;
    if (launcher === undefined) throw new Error("the server has no place to start in");
    const command = this.#command();
    this.#hide = hidingValues(this.#givenValues());
    const owned = table.own((ending) => launcher.launch(command, AbortSignal.any([ending, signal])));
    this.#owned = owned;
    const process = await owned.started;
    this.#transport = new ProcessTransport(process, { clock, heard: this.#listen(process) });
    return this.#transport;
  }

  /** By the rules of where it is to run. @throws McpConfigError it can't. */
  #command(): ServerCommand {
    const { environmentId, name, transport } = this.#config;
    if (transport.kind !== "stdio") throw new Error("the server is no process");
    const { variables, cwd } = this.#options;
    const { command, args } = transport;
    const isLocal = environmentId === LOCAL_ENVIRONMENT;
    const environment = (isLocal ? localServerVariables : executorServerVariables)(name, transport, variables);
    const folder = isLocal && cwd !== undefined ? resolve(cwd, transport.cwd ?? ".") : transport.cwd;
    return { argv: [command, ...args], cwd: folder, ...environment };
  }

  /** Of variables that its configuration gives it. */
  #givenValues(): readonly string[] {
    const { transport } = this.#config;
    if (transport.kind !== "stdio") return [];
    const passed = transport.envVars.flatMap(({ name, source }) =>
      source === "local" ? (this.#options.variables[name] ?? []) : [],
    );
    return [...Object.values(transport.env), ...passed];
  }

  /** To its end, also when nobody cares for the server any more: a full pipe would hold it up. */
  async #listen(process: ServerProcess): Promise<void> {
    try {
      for await (const line of process.complaints) {
        const text = this.#hide(line);
        this.#stderrTail = `${this.#stderrTail}${text}\n`.slice(-STDERR_TAIL_MAX_CHARACTERS);
        this.#open.onLog({ source: "stderr", text });
      }
    } catch {
      // The line is gone, of which the messages tell.
    }
  }

  closeReason(): string | undefined {
    const reason = this.#transport?.closeReason;
    const words = this.#stderrTail.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
    return reason === undefined || words === "" ? reason : `${reason}; its last words: ${words}`;
  }

  async end(): Promise<void> {
    await this.#owned?.end();
  }
}
