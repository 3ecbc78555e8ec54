import { displayPath, join } from "@holdfast/path-uri";
import { isRecord } from "../../steps/is-record.ts";
import { turnPlace } from "../turn/turn-place.ts";
import { turnSandbox } from "../turn/turn-sandbox.ts";
import type { AgentTool } from "./agent-tool.ts";
import { argumentsOf } from "./call-arguments.ts";
import { folderOf } from "./place-folder.ts";
import { readImage } from "./read-image.ts";

/** `view_image`: an image of the environment for the model. @param environmentIds - The primary one first. */
export function imageTool(environmentIds: readonly string[]): AgentTool {
  const choice = environmentIds.length > 1 ? { environment_id: { type: "string", enum: environmentIds } } : {};
  return {
    name: "view_image",
    isParallel: true,
    definition: {
      type: "function",
      name: "view_image",
      description: "Look at an image file: PNG, JPEG, GIF or WebP.",
      strict: false,
      parameters: {
        type: "object",
        properties: {
          path: { type: "string", description: "Absolute, or relative to the working folder." },
          ...choice,
        },
        required: ["path"],
        additionalProperties: false,
      },
    },
    async run({ callId, input }, scope) {
      const { settings, items, signal } = scope;
      const args = argumentsOf(input);
      const { path, environment_id: id } = isRecord(args) ? args : {};
      if (typeof path !== "string") throw new Error("failed to parse function arguments: missing field `path`");
      const place = await turnPlace(scope, typeof id === "string" ? id : undefined);
      if (place === undefined) return "there is no such environment";
      const uri = join(folderOf(place), path);
      const sandbox = turnSandbox(settings, place);
      try {
        const image_url = await readImage(place.executor, uri, { sandbox, signal });
        items.complete({ type: "imageView", id: callId, path: displayPath(uri) });
        return [{ type: "input_image", image_url, detail: "high" }];
      } catch (error) {
        signal.throwIfAborted();
        return `unable to read the image at ${displayPath(uri)}: ${error instanceof Error ? error.message : String(error)}`;
      }
    },
  };
}
