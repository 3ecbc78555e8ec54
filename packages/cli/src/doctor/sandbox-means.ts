import { type Bubblewrap, probeMachine } from "@holdfast/sandbox";
import type { Context } from "../command-line/context.ts";
import { type Check, type Finding, missing, ok } from "./check.ts";

/** What confines commands here, or what is in the way and the command that mends it. */
export async function lookForMeans({ env, cwd }: Pick<Context, "env" | "cwd">): Promise<Finding> {
  const { means } = await probeMachine({ env, cwd });
  switch (means.kind) {
    case "linux":
      return ok([means.bubblewrap.path, ...lacking(means.bubblewrap)].join("; "));
    case "macos":
      return ok("/usr/bin/sandbox-exec");
    case "unavailable":
      return asFinding(means.reason);
  }
}

/** What is done in another way here, or not. */
function lacking({ canDisableUserNamespaces, canLimitMemoryFiles }: Bubblewrap): readonly string[] {
  return [
    ...(canDisableUserNamespaces === true
      ? []
      : ["it can't keep user namespaces from being made: the filter refuses them"]),
    ...(canLimitMemoryFiles === true ? [] : ["it can't bound /dev/shm: a command may take half of the memory with it"]),
  ];
}

/** A reason ends with the command to run. */
function asFinding(reason: string): Finding {
  const at = reason.lastIndexOf(": ");
  return missing(reason.slice(0, at), reason.slice(at + 2));
}

/** `bubblewrap` is found and has been tried out, in the namespaces that it needs. */
export function bubblewrapCheck(context: Pick<Context, "env" | "cwd">): Check {
  return {
    name: "bubblewrap",
    isNeeded: false,
    why: "confines sandboxed commands in namespaces of their own; without it they are refused",
    look: () => lookForMeans(context),
  };
}
