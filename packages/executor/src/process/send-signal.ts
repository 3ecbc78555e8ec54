import type { Child, SpawnRequest } from "./child.ts";
import { signalGroup } from "./group.ts";
import { confinedCommand, signalConfined } from "./signal-confined.ts";

type Shape = SpawnRequest["shape"];

/** Signal what a child runs, whether or not something confines it. @returns whether anyone took it. */
export function sendSignal(
  { pid }: Pick<Child, "pid">,
  signal: NodeJS.Signals,
  shape: Shape,
  leader: "unreaped" | "reaped",
): boolean {
  return shape === "wrapped" ? signalConfined(pid, signal, leader) : signalGroup(pid, signal, leader);
}

/** Id of the program that a child is, or that it confines. */
export function commandPid(pid: number, shape: Shape): number | undefined {
  return shape === "wrapped" ? confinedCommand(pid) : pid;
}
