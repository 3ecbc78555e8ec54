import type {
  FileChangeApprovalDecision,
  FileUpdateChange,
  PatchApplyStatus,
  ThreadItem,
} from "@holdfast/app-server-protocol";
import { isLinkError, sandboxContextOf } from "@holdfast/exec-client";
import { join, type PathUri } from "@holdfast/path-uri";
import { applyPatch } from "../../patch/apply-patch.ts";
import { parsePatch } from "../../patch/parse-patch.ts";
import type { Patch } from "../../patch/patch.ts";
import type { PatchPlace } from "../../patch/patch-call.ts";
import { isPatchError, type PatchErrorCode } from "../../patch/patch-error.ts";
import { patchTool } from "../../patch/patch-tool.ts";
import { type PatchPlan, planPatch } from "../../patch/plan-patch.ts";
import type { StepPlace } from "../../steps/step-snapshot.ts";
import { askWithin } from "../turn/ask-within.ts";
import { APPROVAL_WAIT_MAX_MS } from "../turn/limits.ts";
import { turnPlace } from "../turn/turn-place.ts";
import { outerSandbox, turnSandbox } from "../turn/turn-sandbox.ts";
import type { TurnScope } from "../turn/turn-scope.ts";
import type { AgentTool, CallOutput, ModelCall } from "./agent-tool.ts";
import { argumentsOf } from "./call-arguments.ts";
import { type ShownChange, shownChanges } from "./file-changes.ts";
import { type AllowedFiles, allWritable, type PatchTargets, patchRule } from "./patch-approvals.ts";
import { folderOf } from "./place-folder.ts";

/** A patch that is to be applied. */
export interface PatchRequest {
  readonly callId: string;
  readonly input: string;
  readonly environmentId: string | undefined;
  /** The way from the folder of the environment to that of the patch. Default: it is that. */
  readonly workdirs?: readonly string[] | undefined;
}

/** These say that the patch does not fit what is there. */
const NOT_VERIFIED: ReadonlySet<PatchErrorCode> = new Set(["syntax", "empty", "mismatch", "outside", "too-large"]);

/** `apply_patch`, as a function, and as the custom tool that some models know. */
export function patchTools(allowed: AllowedFiles, environmentIds: readonly string[]): readonly AgentTool[] {
  const at = (): never => {
    throw new Error("not called");
  };
  const { name, description, inputSchema: parameters } = patchTool({ ids: environmentIds, at });
  const definition = { type: "function", name, description, strict: false, parameters };
  return [
    {
      name,
      definition,
      isParallel: false,
      run: async ({ callId, input }, scope) => {
        const { input: text, environment_id: id } = argumentsOf(input) as { input?: unknown; environment_id?: unknown };
        if (typeof text !== "string") throw new Error("failed to parse function arguments: missing field `input`");
        const environmentId = typeof id === "string" ? id : undefined;
        return await runPatch({ callId, input: text, environmentId }, scope, allowed);
      },
    },
    {
      name,
      definition: { type: "custom", name },
      isOffered: false,
      isParallel: false,
      run: ({ callId, input }: ModelCall, scope) =>
        runPatch({ callId, input, environmentId: undefined }, scope, allowed),
    },
  ];
}

/** Apply a patch, as an item of the turn, once it may be. */
export async function runPatch(request: PatchRequest, scope: TurnScope, allowed: AllowedFiles): Promise<CallOutput> {
  const startedAt = scope.clock.now();
  try {
    const patch = parsePatch(request.input);
    const id = patch.environmentId ?? request.environmentId;
    const place = await turnPlace(scope, id);
    if (place === undefined)
      return id === undefined ? "there is no environment to apply patches in" : `unknown turn environment id \`${id}\``;
    const { workdirs = [] } = request;
    const cwd = workdirs.reduce<PathUri>((folder, path) => join(folder, path), folderOf(place));
    return await new PatchRun(request.callId, scope, allowed, { place, patch, cwd, startedAt }).run();
  } catch (error) {
    scope.signal.throwIfAborted();
    if (!isPatchError(error)) throw error;
    return failure(error.code, error.message, scope.clock.now() - startedAt);
  }
}

interface PatchWork {
  readonly place: StepPlace;
  readonly patch: Patch;
  readonly cwd: PathUri;
  /** Of the clock of the turn. */
  readonly startedAt: number;
}

class PatchRun {
  readonly #callId: string;
  readonly #scope: TurnScope;
  readonly #allowed: AllowedFiles;
  readonly #work: PatchWork;

  constructor(callId: string, scope: TurnScope, allowed: AllowedFiles, work: PatchWork) {
    this.#callId = callId;
    this.#scope = scope;
    this.#allowed = allowed;
    this.#work = work;
  }

  async run(): Promise<CallOutput> {
    const { place, patch, cwd, startedAt } = this.#work;
    const { settings, signal, items, diff, clock } = this.#scope;
    const { executor } = place;
    const sandbox = turnSandbox(settings, place);
    const outer = outerSandbox(settings, place);
    const context = sandboxContextOf(sandbox, folderOf(place), executor.environment);
    const patchPlace: PatchPlace = { fs: executor.fs, environment: executor.environment, sandbox: context };
    const plan = await planPatch(patchPlace, patch, { cwd, root: undefined, signal });
    const targets: PatchTargets = { environmentId: place.id, paths: pathsOf(plan) };
    const isConfined = !allWritable(context, targets.paths, executor.environment);
    const rule = this.#allowed.has(targets) ? "apply" : patchRule(settings.approvalPolicy, isConfined);
    if (rule === "refuse")
      return "the patch was not applied: it writes where the sandbox does not let it, and nobody can be asked";
    const changes = await shownChanges(patchPlace, patch, plan, cwd);
    items.start(this.#item(changes, "inProgress"));
    if (rule === "ask") {
      const decision = await this.#ask();
      if (decision === "cancel") {
        this.#scope.interrupt();
        signal.throwIfAborted();
      }
      if (decision === "acceptForSession") this.#allowed.allow(targets);
      else if (decision !== "accept") {
        items.complete(this.#item(changes, "declined"));
        return "patch rejected by user";
      }
    }
    try {
      const how = { cwd, sandbox: isConfined ? outer : sandbox, signal };
      const { summary } = await applyPatch(executor, patch, how);
      items.complete(this.#item(changes, "completed"));
      diff.add(changes.map(({ file }) => file));
      this.#scope.port.emit("turn/diff/updated", { diff: diff.text() });
      diff.told();
      return report(0, clock.now() - startedAt, summary);
    } catch (error) {
      signal.throwIfAborted();
      items.complete(this.#item(changes, "failed"));
      if (isLinkError(error)) throw new Error(`${error.message}; nothing was changed: try it again`, { cause: error });
      throw error;
    }
  }

  async #ask(): Promise<FileChangeApprovalDecision> {
    const { signal } = this.#scope;
    const question = { itemId: this.#callId, startedAtMs: Date.now(), reason: null, grantRoot: null };
    try {
      const how = "item/fileChange/requestApproval";
      return (await askWithin(this.#scope, how, question, APPROVAL_WAIT_MAX_MS)).decision;
    } catch {
      signal.throwIfAborted();
      return "decline";
    }
  }

  #item(changes: readonly ShownChange[], status: PatchApplyStatus): ThreadItem {
    const shown: FileUpdateChange[] = changes.map(({ change }) => change);
    return { type: "fileChange", id: this.#callId, changes: shown, status };
  }
}

function pathsOf({ writes, removals }: PatchPlan): readonly PathUri[] {
  return [...writes, ...removals].map(({ path }) => path);
}

function failure(code: PatchErrorCode, message: string, ms: number): string {
  return NOT_VERIFIED.has(code) ? `apply_patch verification failed: ${message}` : report(1, ms, `${message}\n`);
}

function report(exitCode: number, ms: number, output: string): string {
  return `Exit code: ${exitCode}\nWall time: ${Math.round(ms / 100) / 10} seconds\nOutput:\n${output}`;
}
