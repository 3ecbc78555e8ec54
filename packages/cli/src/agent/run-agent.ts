import type { AppServer } from "@holdfast/app-server-client";
import type { ThreadStartParams, UserInput } from "@holdfast/app-server-protocol";
import { EXIT_FAILURE, EXIT_OK } from "../command-line/failure.ts";
import type { AgentRequest } from "./agent-request.ts";
import type { ExecEvents } from "./exec-events.ts";
import type { OpenAgent } from "./open-agent.ts";

/**
 * Let it do what is asked, and tell of all that happens.
 *
 * @param signal - Interrupts the turn.
 * @returns the exit code of the program: 0 for a turn that was completed.
 */
export async function runAgent(
  { server, environments }: OpenAgent,
  request: AgentRequest,
  events: ExecEvents,
  signal: AbortSignal,
): Promise<number> {
  const settings: ThreadStartParams = {
    approvalPolicy: isPolicyNamed(request) ? null : "never",
    config: { ...request.config },
    cwd: request.cwd ?? null,
    model: request.model ?? null,
    sandbox: request.sandbox ?? null,
  };
  const { threadId, isEphemeral: ephemeral, threadSource } = request;
  await using thread =
    threadId === undefined
      ? await server.threads.start({
          ...settings,
          ephemeral,
          ...(threadSource === undefined ? {} : { threadSource }),
          ...(environments === undefined ? {} : { environments: [...environments] }),
        })
      : await server.threads.resume(threadId, settings);
  events.threadStarted(thread.id);
  let end: { readonly status: string; readonly message: string | undefined } | undefined;
  const stops = [
    ...follow(server, thread.id, events),
    server.on("turn/completed", ({ threadId: id, turn }) => {
      if (id === thread.id) end = { status: turn.status, message: turn.error?.message };
    }),
  ];
  try {
    const { outputSchema } = request;
    const run = thread.run(inputOf(request), { ...(outputSchema === undefined ? {} : { outputSchema }), signal });
    // What came of it is told by the notices; the error of a turn that failed is told there, too.
    await run.result().catch((error: unknown) => {
      end ??= { status: "failed", message: error instanceof Error ? error.message : String(error) };
    });
    const { status, message } = end ?? { status: "completed", message: undefined };
    events.turnCompleted(status, message);
    return status === "completed" ? EXIT_OK : EXIT_FAILURE;
  } finally {
    for (const stop of stops) stop();
  }
}

function isPolicyNamed({ config }: AgentRequest): boolean {
  return Object.hasOwn(config, "approval_policy");
}

function inputOf({ prompt, images }: AgentRequest): readonly UserInput[] {
  const shown = images.map((path): UserInput => ({ type: "localImage", path }));
  return [...shown, { type: "text", text: prompt, text_elements: [] }];
}

/** Tell of what happens in a thread, in the order in which it does. @returns what ends that. */
function follow(server: AppServer, ofThread: string, events: ExecEvents): readonly (() => void)[] {
  const isOurs = ({ threadId }: { readonly threadId?: string | null }): boolean => threadId === ofThread;
  return [
    server.on("turn/started", (params) => isOurs(params) && events.turnStarted()),
    server.on("item/started", (params) => isOurs(params) && events.itemStarted(params.item)),
    server.on("item/completed", (params) => isOurs(params) && events.itemCompleted(params.item)),
    server.on("turn/plan/updated", (params) => isOurs(params) && events.planUpdated(params)),
    server.on("thread/tokenUsage/updated", (params) => isOurs(params) && events.tokensUsed(params.tokenUsage)),
    server.on("warning", (params) => isOurs(params) && events.warning(params.message)),
    server.on("error", (params) => isOurs(params) && events.error(params.error, params.willRetry)),
  ];
}
