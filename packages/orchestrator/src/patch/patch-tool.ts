import { isFileError, isLinkError } from "@holdfast/exec-client";
import { defineTool } from "../tools/define-tool.ts";
import { environmentArgument } from "../tools/files/at-place.ts";
import type { Tool, ToolCall } from "../tools/tool.ts";
import { ToolArgumentError } from "../tools/tool-arguments.ts";
import type { ToolPlace, ToolPlaces } from "../tools/tool-places.ts";
import { failedResult, textResult } from "../tools/tool-result.ts";
import { applyPatch } from "./apply-patch.ts";
import { parsePatch } from "./parse-patch.ts";
import { isPatchError, type PatchErrorCode } from "./patch-error.ts";

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

/** These say that the patch does not fit; the words before them tell a model to make another. */
const NOT_VERIFIED: ReadonlySet<PatchErrorCode> = new Set(["syntax", "empty", "mismatch", "outside", "too-large"]);

/** Codes of a system by which a sandbox answers as well. */
const REFUSALS: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EROFS", "refused"]);

/** `apply_patch` in the environments of an agent. A patch may name its environment itself, by `*** Environment ID: ` in its second line. */
export function patchTool(places: ToolPlaces): Tool {
  return defineTool({
    name: "apply_patch",
    title: "Apply a patch to files",
    description: DESCRIPTION,
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
    arguments: {
      input: { kind: "text", isRequired: true, about: "The whole patch, from *** Begin Patch to *** End Patch." },
      ...environmentArgument(places),
    },
    run: async ({ input, environment_id: id }, call) => {
      const startedAt = performance.now();
      const seconds = (): number => Math.round((performance.now() - startedAt) / 100) / 10;
      let place: ToolPlace | undefined;
      try {
        const patch = parsePatch(input);
        if (id !== undefined && patch.environmentId !== undefined && id !== patch.environmentId) {
          throw new ToolArgumentError(`environment_id is ${id}, but the patch names ${patch.environmentId}`);
        }
        place = await places.at(patch.environmentId ?? id, call.signal);
        const { summary } = await applyPatch(place.executor, patch, { ...placeOptions(place), signal: call.signal });
        return textResult(report(0, seconds(), summary));
      } catch (error) {
        if (!isPatchError(error)) throw isLinkError(error) ? outOfReach(error, place, call) : error;
        const text = `${error.message}${adviceOn(error.cause, place)}`;
        return NOT_VERIFIED.has(error.code)
          ? failedResult(new Error(`apply_patch verification failed: ${text}`))
          : failedResult(new Error(report(1, seconds(), `${text}\n`)));
      }
    },
  });
}

function placeOptions({ cwd, sandbox }: ToolPlace): Pick<ToolPlace, "cwd" | "sandbox"> {
  return { cwd, sandbox };
}

/** A patch that was being put in place says so itself. */
function outOfReach(error: Error, place: ToolPlace | undefined, { signal }: ToolCall): Error {
  if (signal?.aborted === true) return error;
  const id = place === undefined ? "the environment" : place.id;
  return new Error(`${error.message}; the connection to ${id} is lost, nothing was changed: try it again`, {
    cause: error,
  });
}

function adviceOn(cause: unknown, place: ToolPlace | undefined): string {
  const isRefused = isFileError(cause) && REFUSALS.has(cause.code) && place?.sandboxText !== undefined;
  return isRefused ? `; in the sandbox, ${place?.sandboxText}` : "";
}

function report(exitCode: number, seconds: number, output: string): string {
  return `Exit code: ${exitCode}\nWall time: ${seconds} seconds\nOutput:\n${output}`;
}
