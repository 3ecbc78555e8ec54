import type { Executor, RemotePath, Sandbox } from "@holdfast/exec-client";
import { isLinkError } from "@holdfast/exec-client";
import type { Tool, ToolCall, ToolResult } from "../tools/tool.ts";
import { applyPatch } from "./apply-patch.ts";
import { parsePatch } from "./parse-patch.ts";
import { isPatchError, type PatchErrorCode } from "./patch-error.ts";

/** Where the patches of an agent are applied. */
export interface PatchEnvironment {
  readonly executor: Pick<Executor, "fs" | "environment">;
  /** What relative paths begin at. */
  readonly cwd: RemotePath;
  /** How it is confined. Default: not at all. */
  readonly sandbox?: Sandbox | null | undefined;
  /** Paths that lead out of this folder are refused; see `applyPatch`. Default: none is. */
  readonly root?: RemotePath | undefined;
}

export interface PatchToolOptions {
  /**
   * The environment of an id; undefined: of the call that names none.
   *
   * @throws Error - There is none; its message is for the model.
   */
  environment(id: string | undefined, signal?: AbortSignal): PatchEnvironment | Promise<PatchEnvironment>;
}

const DESCRIPTION = `Add, edit, move and delete text files by one patch: all of it is applied, or nothing. Use it to edit files instead of shell commands.

*** Begin Patch
*** Add File: path/new.txt
+every line of the new file begins with +
*** Update File: path/changed.ts
*** Move to: path/renamed.ts
@@ function above(the place) {
 a line that stays begins with a space
-a line that goes
+a line that comes
*** Delete File: path/old.txt
*** End Patch

Paths are relative to the working folder. "*** Move to:" is optional. Each place that changes begins with @@, alone or followed by a line of the file above it, such as the head of the function; give about three lines before and after it that stay. Places of a file are in the order of the file. "*** End of File" after a place says that it is at the end. Line numbers are not used.`;

/** Sent back as they are, they tell the model that the patch does not fit. */
const NOT_VERIFIED: ReadonlySet<PatchErrorCode> = new Set(["syntax", "empty", "mismatch", "outside", "too-large"]);

const INPUT = "input must be a text: a patch from *** Begin Patch to *** End Patch";

/** `apply_patch` for an agent. A patch may name its environment, by `*** Environment ID: ` in its second line; `environment_id` does as well. */
export function patchTool(options: PatchToolOptions): Tool {
  return {
    name: "apply_patch",
    title: "Apply a patch to files",
    description: DESCRIPTION,
    inputSchema: {
      type: "object",
      properties: {
        input: { type: "string", description: "The whole patch, from *** Begin Patch to *** End Patch." },
        environment_id: { type: "string", description: "Environment whose files are meant. Default: the primary one." },
      },
      required: ["input"],
      additionalProperties: false,
    },
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
    call: (args, call = {}) => callTool(options, args, call),
  };
}

async function callTool(options: PatchToolOptions, args: unknown, { signal }: ToolCall): Promise<ToolResult> {
  signal?.throwIfAborted();
  const startedAt = performance.now();
  const took = (): number => Math.round((performance.now() - startedAt) / 100) / 10;
  try {
    const { input, environmentId } = argumentsOf(args);
    const patch = parsePatch(input);
    if (environmentId !== undefined && patch.environmentId !== undefined && environmentId !== patch.environmentId) {
      return failed(`environment_id is \`${environmentId}\`, but the patch names \`${patch.environmentId}\``);
    }
    const { executor, cwd, sandbox, root } = await options.environment(patch.environmentId ?? environmentId, signal);
    const { summary } = await applyPatch(executor, patch, { cwd, sandbox, root, signal });
    return { content: [{ type: "text", text: report(0, took(), summary) }] };
  } catch (error) {
    if (signal?.aborted && error === signal.reason) throw error;
    const message = error instanceof Error ? error.message : String(error);
    if (isPatchError(error)) {
      return failed(
        NOT_VERIFIED.has(error.code)
          ? `apply_patch verification failed: ${message}`
          : report(1, took(), `${message}\n`),
      );
    }
    return failed(isLinkError(error) ? `the environment can not be reached; nothing was changed: ${message}` : message);
  }
}

function argumentsOf(args: unknown): { readonly input: string; readonly environmentId: string | undefined } {
  const { input, environment_id: environmentId, ...others } = Object(args) as Record<string, unknown>;
  if (typeof input !== "string") throw new TypeError(INPUT);
  if (environmentId !== undefined && typeof environmentId !== "string") {
    throw new TypeError("environment_id must be a text");
  }
  const [stranger] = Object.keys(others);
  if (stranger !== undefined) throw new TypeError(`there is no argument ${stranger}; there are input, environment_id`);
  return { input, environmentId };
}

function report(exitCode: number, seconds: number, output: string): string {
  return `Exit code: ${exitCode}\nWall time: ${seconds} seconds\nOutput:\n${output}`;
}

function failed(text: string): ToolResult {
  return { content: [{ type: "text", text }], isError: true };
}
