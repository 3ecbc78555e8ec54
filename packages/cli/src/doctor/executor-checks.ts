import type { Context } from "../command-line/context.ts";
import { reasonOf } from "../command-line/failure.ts";
import { openEmbedded } from "../executor/open-executor.ts";
import { type Check, type Finding, missing, ok } from "./check.ts";

const REINSTALL = "npm install  # again, without --omit=optional: prebuilt binaries are optional dependencies";
const TIMEOUT_MS = 5_000;

interface Trial {
  readonly argv: readonly string[];
  readonly tty: boolean;
  /** What it must print. */
  readonly expected: RegExp;
  readonly mend: string;
}

/** Run one command through an executor inside this process and look at what it printed. */
async function tryCommand(context: Context, { argv, tty, expected, mend }: Trial): Promise<Finding> {
  try {
    await using opened = await openEmbedded(context);
    const { stdout } = await opened.executor.run(argv, { tty, timeoutMs: TIMEOUT_MS });
    const seen = stdout.trim();
    return expected.test(seen) ? ok(seen) : missing(`printed ${JSON.stringify(seen)}`, mend);
  } catch (error) {
    return missing(reasonOf(error), mend);
  }
}

async function tryGuardian(): Promise<Finding> {
  const { guardianStatus } = await import("@holdfast/executor");
  const status = guardianStatus();
  if (status.kind === "guarded") return ok("watches");
  if (process.platform !== "linux") return missing(status.reason, "kill -TERM PID  # ends commands with the executor");
  return missing(status.reason, status.reason.includes("limit") ? "ulimit -R unlimited" : REINSTALL);
}

/** What only an executor at work can tell. */
export function executorChecks(context: Context): readonly Check[] {
  return [
    {
      name: "pipes",
      isNeeded: true,
      why: "carry the output of commands",
      look: () =>
        tryCommand(context, {
          argv: ["/bin/sh", "-c", "if [ -p /dev/stdout ]; then echo pipe; else echo no pipe; fi"],
          tty: false,
          // Sockets would do for most programs, but not for those that open /dev/stdout.
          expected: /^pipe$/,
          mend: REINSTALL,
        }),
    },
    {
      name: "terminal",
      isNeeded: true,
      why: "runs interactive commands (exec --tty)",
      look: () => tryCommand(context, { argv: ["tty"], tty: true, expected: /^\/dev\/\S+$/, mend: REINSTALL }),
    },
    {
      name: "guardian",
      isNeeded: false,
      why: "ends everything that commands started when the executor is killed, daemons included",
      look: tryGuardian,
    },
  ];
}
