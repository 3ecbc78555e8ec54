import type { Executor } from "@holdfast/exec-client";
import type { McpManager } from "@holdfast/mcp";
import { join } from "@holdfast/path-uri";
import { type Clock, systemClock } from "@holdfast/rpc";
import type { HostConfig } from "../../config/host-config.ts";
import { LOCAL_ENVIRONMENT_ID } from "../../environments/environment-definition.ts";
import type { EnvironmentRegistry } from "../../environments/environment-registry.ts";
import { ExecRules } from "../../exec-rules/exec-rules.ts";
import type { StepSnapshot } from "../../steps/step-snapshot.ts";
import { ThreadEnvironments } from "../../steps/thread-environments.ts";
import type { ApprovalDecision, ApprovalRequest } from "../../unified-exec/approvals.ts";
import type { ExecEnvironment } from "../../unified-exec/exec-environment.ts";
import type { ExecSettings } from "../../unified-exec/exec-settings.ts";
import { UnifiedExec } from "../../unified-exec/unified-exec.ts";
import { BASE_INSTRUCTIONS } from "../context/instructions.ts";
import { ProjectDocs } from "../context/project-docs.ts";
import { skillsText } from "../context/skills-text.ts";
import { message } from "../context/told.ts";
import { ModelClient } from "../model/model-client.ts";
import { modelProvider } from "../model/model-provider.ts";
import { CommandApprovals } from "../tools/command-approvals.ts";
import { CommandItems } from "../tools/command-items.ts";
import { dynamicTools } from "../tools/dynamic-tools.ts";
import { commandTools } from "../tools/exec-tools.ts";
import { imageTool } from "../tools/image-tool.ts";
import { McpApprovals } from "../tools/mcp-approvals.ts";
import { mcpTools } from "../tools/mcp-tools.ts";
import { AllowedFiles } from "../tools/patch-approvals.ts";
import { patchTools } from "../tools/patch-tool.ts";
import { folderOf } from "../tools/place-folder.ts";
import { PLAN_TOOL } from "../tools/plan-tool.ts";
import { readImage } from "../tools/read-image.ts";
import { readText } from "../tools/read-text.ts";
import { ToolSet } from "../tools/tool-set.ts";
import { USER_INPUT_TOOL } from "../tools/user-input-tool.ts";
import { APPROVAL_WAIT_MAX_MS } from "./limits.ts";
import { LinkedAbort } from "./linked-abort.ts";
import { ABORTED_TEXT } from "./marks.ts";
import { readyEnvironment } from "./ready-environment.ts";
import { runShellCommand } from "./shell-command.ts";
import { takeInput } from "./take-input.ts";
import type {
  BackgroundTerminal,
  OpenThreadRuntime,
  RuntimeThread,
  ThreadRuntime,
  TurnSettings,
  TurnTask,
} from "./thread-runtime.ts";
import { TokenCount } from "./token-count.ts";
import { Turn, type TurnParts } from "./turn.ts";
import { type TurnConfig, turnConfig } from "./turn-config.ts";
import { turnError } from "./turn-failure.ts";
import { TurnItems } from "./turn-items.ts";
import { turnPlace } from "./turn-place.ts";
import type { TurnOutcome, TurnPort } from "./turn-port.ts";
import { outerSandbox, turnSandbox } from "./turn-sandbox.ts";
import type { TurnScope } from "./turn-scope.ts";
import type { ReadLocal } from "./user-message.ts";

/** What threads of a program have in common. */
export interface AgentServices {
  /** Where commands, files and servers are; `local` is this machine. */
  readonly environments: EnvironmentRegistry;
  readonly config: Pick<HostConfig, "table">;
  /** Folder of the configuration: a native absolute path on this machine. */
  readonly codexHome: string;
  /** Of this program: keys of providers. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Of Holdfast. */
  readonly version: string;
  /** As which requests introduce themselves. Default `holdfast`. */
  readonly originator?: string | undefined;
  readonly clock?: Clock | undefined;
  /** Is told of what can not be used of the configuration. Default: nobody. */
  readonly log?: { warn(line: string): void } | undefined;
}

/** Milliseconds that commands go on when the connection to their executor is lost, or this program was killed: longer than it takes to have a lost connection back. */
const MAX_DETACHED_MS = 60_000;

/** Open threads whose turns are a loop around a model. */
export function agentThreads(services: AgentServices): OpenThreadRuntime {
  const rules = new ExecRules(services.codexHome, (line) => services.log?.warn(line));
  const docs = new ProjectDocs(services.clock ?? systemClock);
  return (thread) => new AgentThread(services, thread, { rules, docs });
}

/** What all threads of a server have in common. */
interface SharedParts {
  readonly rules: ExecRules;
  readonly docs: ProjectDocs;
}

class AgentThread implements ThreadRuntime {
  readonly #services: AgentServices;
  readonly #docs: ProjectDocs;
  readonly #thread: RuntimeThread;
  readonly #clock: Clock;
  readonly #environments: ThreadEnvironments;
  readonly #client: ModelClient;
  readonly #exec: UnifiedExec;
  readonly #commands: CommandItems;
  readonly #rules: ExecRules;
  readonly #approvals: CommandApprovals;
  readonly #allowed = new AllowedFiles();
  readonly #mcpApprovals = new McpApprovals();
  readonly #window = { number: 0 };
  #tokens: TokenCount | undefined;
  /** Of the turn that runs. */
  #settings: ExecSettings = {};
  #step: StepSnapshot | undefined;
  #scope: TurnScope | undefined;

  constructor(services: AgentServices, thread: RuntimeThread, { rules, docs }: SharedParts) {
    this.#rules = rules;
    this.#approvals = new CommandApprovals(rules);
    this.#services = services;
    this.#docs = docs;
    this.#thread = thread;
    const { clock = systemClock, originator = "holdfast", version } = services;
    this.#clock = clock;
    this.#environments = new ThreadEnvironments(services.environments);
    this.#client = new ModelClient({ userAgent: `holdfast/${version}`, originator, clock });
    this.#commands = new CommandItems(clock);
    this.#window.number = thread.compactions ?? 0;
    this.#exec = new UnifiedExec({
      environments: (id, signal) => this.#place(id, signal),
      settings: () => this.#settings,
      askApproval: (request, signal) => this.#ask(request, signal),
      approvalTimeoutMs: APPROVAL_WAIT_MAX_MS,
      onEvent: (event) => this.#commands.follow(event),
      clock,
    });
  }

  async runTurn(port: TurnPort, settings: TurnSettings, task: TurnTask, outer: AbortSignal): Promise<TurnOutcome> {
    using cancelled = new LinkedAbort(outer);
    const { signal } = cancelled;
    const interrupt = (): void => cancelled.abort(new Error("the turn was cancelled"));
    try {
      if (task.kind === "shell-command") await this.#shell(port, settings, task.command, signal);
      else {
        const turn = new Turn(await this.#parts({ port, settings, task, signal, interrupt }));
        await (task.kind === "compact" ? turn.compact() : turn.answer());
      }
      return { status: "completed" };
    } catch (error) {
      await takeInput(port, { items: new TurnItems(port), readLocal: this.#readLocal(outer) });
      if (signal.aborted) {
        port.record([message("user", [ABORTED_TEXT])]);
        return { status: "interrupted" };
      }
      const failure = turnError(error);
      port.emit("error", { error: failure, willRetry: false });
      return { status: "failed", error: failure };
    }
  }

  async shellCommand(port: TurnPort, settings: TurnSettings, command: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#shell(port, settings, command, signal);
    } catch (error) {
      if (!signal.aborted) port.emit("warning", { message: turnError(error).message });
    }
  }

  backgroundTerminals(): readonly BackgroundTerminal[] {
    return this.#exec.list().flatMap(({ sessionId: processId, callId, exitCode }) => {
      const open = this.#commands.open(callId);
      return open === undefined || exitCode !== undefined
        ? []
        : [{ processId, itemId: open.item.id, command: open.item.command, cwd: open.item.cwd }];
    });
  }

  endBackgroundTerminal(processId: number): Promise<boolean> {
    return this.#exec.terminate(processId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#exec.close();
  }

  async #shell(port: TurnPort, settings: TurnSettings, command: string, signal: AbortSignal): Promise<void> {
    await this.#select(settings, signal);
    using step = await this.#environments.capture({ signal });
    const place = await turnPlace({ step, settings, signal });
    if (place === undefined) throw new Error("there is no environment to run commands in");
    const { threadId, sessionId } = this.#thread;
    const who = { threadId, sessionId, clock: this.#clock, maxDetachedMs: MAX_DETACHED_MS };
    await runShellCommand({ ...who, port, items: new TurnItems(port), place, command, signal });
  }

  /**
   * Work in the environments of a turn. The first of them has to be there: a step takes what is ready, and what was meant for that machine would be done
   * on the next one.
   */
  async #select({ environments }: TurnSettings, signal: AbortSignal): Promise<void> {
    const [first] = environments;
    const handle = first && this.#services.environments.get(first.environmentId);
    if (handle !== undefined) await readyEnvironment(handle, { clock: this.#clock, signal });
    this.#environments.select(environments);
  }

  async #parts(turn: {
    readonly port: TurnPort;
    readonly settings: TurnSettings;
    readonly task: TurnTask;
    readonly signal: AbortSignal;
    readonly interrupt: () => void;
  }): Promise<TurnParts> {
    const { port, settings, task, signal, interrupt } = turn;
    const { config: hostConfig, variables } = this.#services;
    const config = turnConfig(await hostConfig.table(settings.config, { cwd: settings.cwd }));
    const provider = modelProvider(config.table, settings.modelProvider, variables);
    this.#tokens ??= new TokenCount(this.#thread.tokenUsage, port.history.length);
    await this.#select(settings, signal);
    await this.#rules.refresh();
    this.#settings = this.#execSettings(settings, config);
    const [project, skills] = await Promise.all([this.#projectDocs(config, signal), this.#skills(config, signal)]);
    // Servers that are slow to start hold back the first request, and not what is shown before it.
    let manager: Promise<McpManager | undefined> | undefined;
    return {
      port,
      settings,
      config,
      provider,
      client: this.#client,
      clock: this.#clock,
      tokens: this.#tokens,
      sessionId: this.#thread.sessionId,
      window: this.#window,
      baseInstructions: await this.#instructions(settings, config, signal),
      developerInstructions: settings.developerInstructions ?? config.developerInstructions,
      skills,
      project,
      outputSchema: task.kind === "answer" ? task.outputSchema : undefined,
      readLocal: this.#readLocal(signal),
      capture: (during) => this.#environments.capture({ roots: this.#thread.capabilityRoots, signal: during }),
      toolsFor: async (step) => {
        manager ??= this.#thread.mcp.ready(signal);
        return this.#tools(step, settings, await manager);
      },
      useStep: (step, scope) => {
        this.#step = step;
        this.#scope = scope;
      },
      signal,
      interrupt,
    };
  }

  #execSettings({ approvalPolicy }: TurnSettings, { envPolicy, toolOutputTokens }: TurnConfig): ExecSettings {
    return {
      approvalPolicy: approvalPolicy as ExecSettings["approvalPolicy"],
      sandbox: "read-only",
      ruleOf: (command) => this.#rules.ruleOf(command),
      envPolicy,
      threadId: this.#thread.threadId,
      sessionId: this.#thread.sessionId,
      maxOutputTokens: toolOutputTokens,
      maxDetachedMs: MAX_DETACHED_MS,
    };
  }

  /** What people show lies on this machine. */
  #readLocal(signal: AbortSignal): ReadLocal {
    return {
      image: async (path) => readImage(await this.#local(signal), path, { signal }),
      text: async (path) => readText(await this.#local(signal), path, { signal }),
    };
  }

  #local(signal: AbortSignal): Promise<Executor> {
    return this.#services.environments.require(LOCAL_ENVIRONMENT_ID).executor(signal);
  }

  /** What a model is told first: the thread's own, a file's, or ours. */
  async #instructions(settings: TurnSettings, { instructionsFile }: TurnConfig, signal: AbortSignal): Promise<string> {
    if (settings.baseInstructions !== undefined) return settings.baseInstructions;
    if (instructionsFile === undefined) return BASE_INSTRUCTIONS;
    const local = await this.#local(signal);
    const home = folderOf({ cwd: this.#services.codexHome, executor: local });
    return await readText(local, join(home, instructionsFile), { signal });
  }

  async #projectDocs({ docMaxBytes: maxBytes }: TurnConfig, signal: AbortSignal): Promise<string | undefined> {
    using step = await this.#environments.capture({ signal });
    const { environments, codexHome: folder } = this.#services;
    const local = environments.get(LOCAL_ENVIRONMENT_ID);
    const home = local === undefined ? undefined : { handle: local, folder };
    const project = step.primary && { handle: step.primary.handle, folder: step.primary.cwd };
    return (await this.#docs.of({ home, project, maxBytes, signal }))?.text;
  }

  async #skills({ table: config }: TurnConfig, signal: AbortSignal): Promise<string | undefined> {
    using step = await this.#environments.capture({ roots: this.#thread.capabilityRoots, signal });
    const project = step.primary && { handle: step.primary.handle, folder: step.primary.cwd };
    const { codexHome } = this.#services;
    return await skillsText({ project, codexHome, roots: step.roots, config, clock: this.#clock, signal });
  }

  #tools(step: StepSnapshot, settings: TurnSettings, manager: McpManager | undefined): ToolSet {
    const { mcp } = this.#thread;
    // Those that are not ready are offered as well: a call says what is the matter with them, and may be made again.
    const ids = [
      ...step.ready.map(({ id }) => id),
      ...[...step.starting, ...step.failed].map(({ environmentId }) => environmentId),
    ];
    const runner = { exec: this.#exec, items: this.#commands, allowed: this.#allowed };
    const ofPlaces = [...commandTools(runner, ids), ...patchTools(this.#allowed, ids), imageTool(ids)];
    return new ToolSet([
      ...(ids.length === 0 ? [] : ofPlaces),
      PLAN_TOOL,
      USER_INPUT_TOOL,
      ...dynamicTools(settings.dynamicTools),
      ...(manager === undefined ? [] : mcpTools(manager, mcp.tools(manager), this.#mcpApprovals)),
    ]);
  }

  async #place(id: string | undefined, signal: AbortSignal | undefined): Promise<ExecEnvironment | undefined> {
    const [step, scope] = [this.#step, this.#scope];
    if (step === undefined || scope === undefined) throw new Error("no turn runs");
    const place = await turnPlace({ step, settings: scope.settings, signal }, id);
    if (place === undefined) return undefined;
    const { settings } = scope;
    return { ...place, sandbox: turnSandbox(settings, place), outerSandbox: outerSandbox(settings, place) };
  }

  async #ask(request: ApprovalRequest, signal: AbortSignal): Promise<ApprovalDecision> {
    const open = this.#commands.asking(request.callId);
    const scope = this.#scope;
    if (open === undefined || scope === undefined) return "decline";
    return await this.#approvals.ask(open.owner.port, request, open, { signal, onCancel: scope.interrupt });
  }
}
