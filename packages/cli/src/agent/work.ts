import type { Context } from "../command-line/context.ts";
import { toldToEndServing } from "../serve/told-to-end.ts";
import type { AgentRequest } from "./agent-request.ts";
import type { ExecEvent } from "./exec-event.ts";
import { ExecEvents } from "./exec-events.ts";
import { type OpenAgentOptions, openAgent } from "./open-agent.ts";
import { runAgent } from "./run-agent.ts";

/** Open an agent, let it do one thing, and end it. The first signal that means this program interrupts the turn. @returns the exit code. */
export async function work(
  context: Context,
  request: AgentRequest,
  options: Omit<OpenAgentOptions, "cwd">,
  print: (event: ExecEvent) => void,
): Promise<number> {
  const told = new AbortController();
  void toldToEndServing().then(() => told.abort(new Error("told to end")));
  await using agent = await openAgent(context, { ...options, cwd: request.cwd });
  return await runAgent(agent, request, new ExecEvents(print), told.signal);
}
