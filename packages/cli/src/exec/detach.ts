import type { RunningProcess, StartOptions } from "@holdfast/exec-client";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { EXIT_OK, reasonOf, UsageError } from "../command-line/failure.ts";
import { printable, printableLines } from "../command-line/printable.ts";
import { type OpenExecutor, openExecutor } from "../executor/open-executor.ts";
import { shownExecutor } from "../executor/shown-executor.ts";
import { recordRun } from "../runs/record-run.ts";
import { RUN_PROCESS_ID } from "../runs/run-process-id.ts";
import { noInput, terminalInput } from "./command-input.ts";
import type { ExecOptions } from "./exec-options.ts";
import { startOptions } from "./start-command.ts";
import { startFailure } from "./start-failure.ts";

/**
 * Start the command, print the ID of its run, and leave it running.
 *
 * @throws UsageError there is no executor that would outlive this program.
 */
export async function detach(context: Context, args: Arguments, options: ExecOptions): Promise<number> {
  await using opened = await openExecutor(context, args);
  if (opened.url === undefined) {
    throw new UsageError("--detach needs --url: the executor inside this process ends with it, and all it runs");
  }
  const { sessionId: id } = opened.executor;
  const canSize = opened.executor.environment.capabilities.holdfastProcessControl;
  const input = options.tty ? terminalInput(undefined, { shown: context.stdout, canSize }) : noInput;
  const started = startOptions(opened.executor.environment, input, options, context);
  const cwd = started.cwd ?? opened.executor.environment.cwd;
  await start(opened, started, options.argv[0] ?? "");
  const told = args.has("json") ? JSON.stringify({ id, url: shownExecutor(opened.url) }) : printable(id);
  context.stdout.write(printableLines(`${told}\n`));
  const place = { id, url: opened.url };
  await recordRun(context, place, { argv: options.argv, cwd }).catch((error: unknown) => {
    const why = reasonOf(error);
    context.stderr.write(
      printableLines(
        `holdfast exec: the run is not recorded here: ${why}; \`holdfast attach\` takes its ID and --url\n`,
      ),
    );
  });
  return EXIT_OK;
}

async function start({ executor }: OpenExecutor, options: StartOptions, program: string): Promise<RunningProcess> {
  try {
    return await executor.processes.start({ ...options, processId: RUN_PROCESS_ID });
  } catch (error) {
    throw startFailure(error, program);
  }
}
