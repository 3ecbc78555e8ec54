import type { StepEnvironment, StepSnapshot } from "./step-snapshot.ts";

const INDENT = "  ";

/**
 * What a model is told of the environments of a step: the lines that stand in `<environment_context>`, each indented by two blanks. A single environment is told by its folder
 * and shell alone; of several, each is told, by its id, with what is the matter with it. Without any there is nothing to tell.
 */
export function environmentContext(step: Pick<StepSnapshot, "ready" | "starting" | "failed" | "primary">): string {
  const entries = [
    ...step.ready.map((each) => ({ id: each.id, lines: readyLines(each) })),
    ...step.starting.map(({ environmentId, cwd }) => ({
      id: environmentId,
      lines: [element("cwd", cwd), element("status", "starting")],
    })),
    ...step.failed.map(({ environmentId, cwd, error }) => ({
      id: environmentId,
      lines: [element("cwd", cwd), element("status", "failed"), element("error", error)],
    })),
  ];
  const [only] = entries;
  if (entries.length < 2) return only === undefined ? "" : indented(only.lines, 1);
  // By their ids, so that the same environments give the same text.
  entries.sort((one, other) => (one.id < other.id ? -1 : 1));
  const told = entries.flatMap(({ id, lines }) => [
    `${INDENT}<environment id="${escaped(id)}" primary="${id === step.primary?.id}">`,
    ...lines.map((line) => INDENT + INDENT + line),
    `${INDENT}</environment>`,
  ]);
  return indented(["<environments>", ...told, "</environments>"], 1);
}

function readyLines({ cwd, shell }: StepEnvironment): readonly string[] {
  return [element("cwd", cwd), ...(shell === undefined ? [] : [element("shell", shell.name)])];
}

function element(name: string, text: string): string {
  return `<${name}>${escaped(text)}</${name}>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/gu, (character) => ENTITIES[character] ?? character);
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

function indented(lines: readonly string[], depth: number): string {
  return lines.map((line) => `${INDENT.repeat(depth)}${line}\n`).join("");
}
