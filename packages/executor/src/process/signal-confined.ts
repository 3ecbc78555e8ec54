import { readProcFile } from "../platform/proc-file.ts";
import { procStatOf } from "../platform/proc-stat.ts";
import { childrenOf } from "../platform/process-children.ts";
import { signalGroup, trySignal } from "./group.ts";

interface Member {
  readonly pid: number;
  readonly group: number;
  /** Process 1 of a namespace of its own. */
  readonly isInit: boolean;
}

/**
 * Signal what a confining program runs, not the program itself: that would die of it and take the command with it before
 * the command could react. Until there is a command, the program stands for it.
 *
 * @returns whether anyone took it.
 */
export function signalConfined(pid: number, signal: NodeJS.Signals, leader: "unreaped" | "reaped"): boolean {
  const below = leader === "reaped" ? [] : childrenOf(pid).flatMap(member);
  if (signal === "SIGKILL") {
    // It would tell of the end of its command as of an end of its own, were it not stopped before that.
    if (leader === "unreaped") trySignal(pid, "SIGSTOP");
    // Its group first, so that a fork bomb can not go on; then process 1, whose namespace ends with it.
    for (const each of below) {
      if (each.group !== pid) trySignal(-each.group, signal);
      trySignal(each.pid, signal);
    }
    return signalGroup(pid, signal, leader);
  }
  const command = commandBelow(below);
  if (command === undefined) return signalGroup(pid, signal, leader);
  return command.group === pid ? signalMembers(command, signal) : trySignal(-command.group, signal);
}

/** Id of what a confining program runs, as this side knows it; undefined before it is started, and when it is gone. */
export function confinedCommand(pid: number): number | undefined {
  return commandBelow(childrenOf(pid).flatMap(member))?.pid;
}

/** No signal from outside but SIGKILL ends process 1 of a namespace; its first child is the command. */
function commandBelow(below: readonly Member[]): Member | undefined {
  const [command] = below.flatMap((each) => (each.isInit ? childrenOf(each.pid).flatMap(member) : [each]));
  return command;
}

/** The command shares the wrapper's group, so its members are told one by one. */
function signalMembers(command: Member, signal: NodeJS.Signals): boolean {
  const inside = withDescendants(command.pid).flatMap(member);
  const taken = inside.filter(({ group }) => group === command.group).map(({ pid }) => trySignal(pid, signal));
  return taken.includes(true);
}

function withDescendants(pid: number): readonly number[] {
  return [pid, ...childrenOf(pid).flatMap(withDescendants)];
}

function member(pid: number): readonly Member[] {
  try {
    const stat = procStatOf(pid);
    const status = readProcFile(pid, "status");
    if (stat === undefined || status === undefined) return [];
    // Its ids from the outermost namespace to its own.
    const [, ids = ""] = /^NSpid:\s+(.*)$/m.exec(status) ?? [];
    const isInit = ids.split("\t").length > 1 && ids.endsWith("\t1");
    return [{ pid, group: stat.group, isInit }];
  } catch {
    return [];
  }
}
