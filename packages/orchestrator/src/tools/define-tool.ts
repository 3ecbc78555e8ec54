import type { Tool, ToolCall, ToolResult } from "./tool.ts";
import { type ArgumentSpecs, type ArgumentsOf, argumentSchema, readArguments } from "./tool-arguments.ts";
import { failedResult } from "./tool-result.ts";

/** A {@link Tool} with its arguments as {@link ArgumentSpecs} in the place of a schema. */
export interface ToolDefinition<Specs extends ArgumentSpecs>
  extends Pick<Tool, "name" | "title" | "description" | "annotations"> {
  readonly arguments: Specs;
  /** Why a call can not be done is what it throws: its message becomes the result. */
  run(args: ArgumentsOf<Specs>, call: ToolCall): Promise<ToolResult>;
}

/** A tool whose arguments are checked before it runs, and whose failures are results. */
export function defineTool<const Specs extends ArgumentSpecs>(definition: ToolDefinition<Specs>): Tool {
  const { arguments: specs, run, ...told } = definition;
  return {
    ...told,
    inputSchema: argumentSchema(specs),
    async call(args, call = {}) {
      try {
        call.signal?.throwIfAborted();
        return await run(readArguments(args, specs), call);
      } catch (error) {
        call.signal?.throwIfAborted();
        return failedResult(error);
      }
    },
  };
}
