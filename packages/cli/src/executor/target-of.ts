import type { ConnectTarget, FarProgram } from "@holdfast/exec-client";
import { isProgramUrl, programWords } from "./program-url.ts";
import type { RemoteContext } from "./remote-context.ts";

/** What `connect` takes for the executor that a user named. */
export function targetOf(url: URL, { env, stderr }: RemoteContext): ConnectTarget {
  if (isProgramUrl(url)) {
    const [command = "", ...args] = programWords(url);
    return { command, args, redial: true };
  }
  if (url.protocol !== "ssh:") return url;
  const { HOLDFAST_SSH: commandLine } = env;
  const command = commandLine ? bySshVariable(commandLine) : undefined;
  // Asked for a password is who reads the messages.
  return { ssh: url, command, interactive: stderr?.isTTY === true, program: thisProgram };
}

/** Runs what the variable says, as git does with `GIT_SSH_COMMAND`: a command line of a shell, and the arguments behind it. */
function bySshVariable(commandLine: string): readonly string[] {
  return ["sh", "-c", `${commandLine} "$@"`, "ssh"];
}

async function thisProgram(): Promise<FarProgram> {
  const { farProgram } = await import("../far-program/index.ts");
  return farProgram;
}
