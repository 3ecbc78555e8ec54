import { systemClock } from "@holdfast/rpc";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { EXIT_OK } from "../command-line/failure.ts";
import { onOneLine, printableLines } from "../command-line/printable.ts";
import { HELD_RECOVERY_SECONDS } from "../connect/held-recovery.ts";
import { recoveryTimeMs } from "../executor/recovery-time.ts";
import { toldToEndServing } from "../serve/told-to-end.ts";
import { version } from "../version.ts";
import type { ServedPlaces } from "./served-place.ts";
import { type SandboxOptions, sandboxOptions } from "./tool-sandbox.ts";

/** Milliseconds that a client which has come waits for the executor, so that models are told of it. Tools wait on. */
const INTRODUCTION_MAX_MS = 2_000;

/** Milliseconds that commands elsewhere are given beyond the time in which a lost connection can come back. */
const DETACHED_MARGIN_MS = 5_000;

/** `holdfast mcp serve` */
export async function serve(context: Context, args: Arguments): Promise<number> {
  const { stdin, stdout, stderr } = context;
  const sandbox = sandboxOptions(args);
  const ask = args.choice("ask", ["never", "on-request", "on-failure"]) ?? "on-request";
  await using places = await servedPlaces(context, args, sandbox);
  const toldToEnd = toldToEndServing();
  const complain = (text: string): void => {
    stderr.write(printableLines(`holdfast mcp: ${onOneLine(text)}\n`));
  };
  const introduction = places.introduction();
  void introduction.then(({ complaints }) => complaints.forEach(complain));
  if (stdin.isTTY === true) {
    complain("waits for an MCP client on stdin, and is to be started by one: `holdfast mcp --help` shows how");
  }
  const [{ agentTools }, { ClientQuestions, serveTools }] = await Promise.all([
    import("./agent-tools.ts"),
    import("@holdfast/orchestrator/mcp-server"),
  ]);
  const questions = new ClientQuestions();
  await using agent = agentTools(places, questions, {
    ask,
    isReadOnly: sandbox.policy === "read-only",
    isConfined: sandbox.policy !== "none",
    maxDetachedMs: recoveryTimeMs(args, HELD_RECOVERY_SECONDS) + DETACHED_MARGIN_MS,
  });
  const served = serveTools({
    tools: agent.tools,
    questions,
    server: { name: "holdfast", title: "Holdfast", version: version() },
    instructions: async () => (await Promise.race([introduction, afterIntroduction()]))?.instructions,
    input: stdin,
    output: stdout,
    onError: (error) => complain(error.message),
  });
  await Promise.race([served.closed, toldToEnd]);
  await served.close();
  return EXIT_OK;
}

async function servedPlaces(context: Context, args: Arguments, sandbox: SandboxOptions): Promise<ServedPlaces> {
  if (args.has("environments")) {
    return await (await import("./serving-environments.ts")).servingEnvironments(context, args, sandbox);
  }
  return new (await import("./serving-place.ts")).ServingPlace(context, args, sandbox);
}

function afterIntroduction(): Promise<undefined> {
  return new Promise((resolve) => {
    systemClock.after(INTRODUCTION_MAX_MS, () => resolve(undefined));
  });
}
