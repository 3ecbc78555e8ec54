import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { explain } from "./explain.ts";
import { runConfined } from "./run-confined.ts";
import { sandboxRequest } from "./sandbox-request.ts";

/** `holdfast sandbox` */
export async function run(context: Context, args: Arguments): Promise<number> {
  const request = await sandboxRequest(context, args);
  return request.task.kind === "explain"
    ? explain(context, request, request.task)
    : runConfined(context, request, request.task);
}
