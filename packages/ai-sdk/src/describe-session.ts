import type { Environment, Sandbox } from "@holdfast/exec-client";
import { displayPath, type PathUri } from "@holdfast/path-uri";

/** What an agent should know of a place before its first command. */
export function describeSession({ platformOs, shell }: Environment, base: PathUri, sandbox: Sandbox): string {
  const folder = displayPath(base);
  const system = platformOs === undefined ? "" : `System: ${platformOs}. `;
  return `${system}Shell: ${shell.name}. Commands and relative paths start at ${folder}. ${confinement(sandbox)}`;
}

function confinement(sandbox: Sandbox): string {
  if (sandbox === "none") return "Nothing is confined.";
  if (sandbox === "read-only") return "Files may only be read, and there is no network.";
  if (sandbox === "workspace-write") {
    return "Files may be written below that folder and in temporary folders only, and there is no network.";
  }
  if ("permissions" in sandbox) return "Commands and file calls are confined.";
  const { read, write = [], deny = [], network = false } = sandbox;
  const parts = [
    read === undefined ? "everything may be read" : `only ${list(read)} may be read`,
    write.length === 0 ? "nothing written" : `${list(write)} written`,
    ...(deny.length === 0 ? [] : [`${list(deny)} neither`]),
    network === true
      ? "the network is open"
      : network === false
        ? "there is no network"
        : `only ${list(network.allow)} can be reached`,
  ];
  return `Of files, ${parts.slice(0, -1).join(", ")}; ${parts.at(-1)}.`;
}

function list(words: readonly string[]): string {
  return words.length === 0 ? "nothing" : words.join(", ");
}
