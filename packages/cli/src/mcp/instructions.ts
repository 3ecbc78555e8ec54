import { displayPath } from "@holdfast/path-uri";
import type { ServedPlace } from "./serving-place.ts";

/** What a model is told once, about all tools. */
export function instructionsFor(place: ServedPlace): string {
  const { id, executor, cwd, sandboxText, caution, refusal } = place;
  const { platformOs, shell } = executor.environment;
  const system = platformOs === undefined ? shell.name : `${platformOs}, ${shell.name}`;
  const where = displayPath(cwd);
  return [
    `The tools of this server work on ${id} (${system}), with ${where} as the working folder: relative paths start there.`,
    ...(sandboxText === undefined
      ? []
      : [`Everything runs in a sandbox: ${sandboxText}${hasNetwork(place) ? "" : ", and there is no network"}.`]),
    ...(refusal === undefined ? [] : [`That sandbox can not be enforced there, so nothing is done: ${refusal}`]),
    ...(caution === undefined
      ? []
      : [
          `It is so narrow because ${caution}. If writing is needed, ask the user to start holdfast mcp serve with --cwd FOLDER, the folder of the project.`,
        ]),
    "A connection that is lost is dialled again, and what runs goes on meanwhile: a call that says so can be made again.",
  ].join("\n");
}

function hasNetwork({ sandbox }: ServedPlace): boolean {
  if (typeof sandbox !== "object" || !("permissions" in sandbox)) return true;
  const { permissions } = sandbox;
  return permissions.type !== "managed" || permissions.network === "enabled";
}
