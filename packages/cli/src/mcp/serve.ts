import { systemClock } from "@holdfast/rpc";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { EXIT_OK } from "../command-line/failure.ts";
import { onOneLine, printableLines } from "../command-line/printable.ts";
import { toldToEndServing } from "../serve/told-to-end.ts";
import { version } from "../version.ts";
import { instructionsFor } from "./instructions.ts";
import { type ServedPlace, ServingPlace } from "./serving-place.ts";
import { sandboxOptions } from "./tool-sandbox.ts";

/** Milliseconds that a client which has come waits for the executor, so that models are told of it. Tools wait on. */
const INTRODUCTION_MAX_MS = 2_000;

/** `holdfast mcp serve` */
export async function serve(context: Context, args: Arguments): Promise<number> {
  const { stdin, stdout, stderr } = context;
  const sandbox = sandboxOptions(args);
  const ask = args.choice("ask", ["never", "on-request", "on-failure"]) ?? "on-request";
  await using place = new ServingPlace(context, args, sandbox);
  const toldToEnd = toldToEndServing();
  const complain = (text: string): void => {
    stderr.write(printableLines(`holdfast mcp: ${onOneLine(text)}\n`));
  };
  const first = place.opened();
  void first.then((opened) => {
    if (opened instanceof Error) complain(`${opened.message}; the next call of a tool tries again`);
    else if (opened.refusal !== undefined) complain(`nothing can be confined on ${opened.id}: ${opened.refusal}`);
    else if (opened.caution !== undefined) {
      complain(`${opened.caution}: tools only read. Start it in the folder of a project, or with --cwd FOLDER`);
    }
  });
  if (stdin.isTTY === true) {
    complain("waits for an MCP client on stdin, and is to be started by one: `holdfast mcp serve --help` shows how");
  }
  const [{ agentTools }, { ClientQuestions, serveTools }] = await Promise.all([
    import("./agent-tools.ts"),
    import("@holdfast/orchestrator/mcp-server"),
  ]);
  const questions = new ClientQuestions();
  await using agent = agentTools(place, questions, { ask, isReadOnly: sandbox.policy === "read-only" });
  const served = serveTools({
    tools: agent.tools,
    questions,
    server: { name: "holdfast", title: "Holdfast", version: version() },
    instructions: async () => {
      const opened = await Promise.race([first, afterIntroduction()]);
      return opened === undefined || opened instanceof Error ? undefined : instructionsFor(opened);
    },
    input: stdin,
    output: stdout,
    onError: (error) => complain(error.message),
  });
  await Promise.race([served.closed, toldToEnd]);
  await served.close();
  return EXIT_OK;
}

function afterIntroduction(): Promise<ServedPlace | Error | undefined> {
  return new Promise((resolve) => {
    systemClock.after(INTRODUCTION_MAX_MS, () => resolve(undefined));
  });
}
