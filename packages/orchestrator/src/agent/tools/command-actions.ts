import type { CommandAction } from "@holdfast/app-server-protocol";
import { displayPath, join, type PathUri } from "@holdfast/path-uri";
import { commandLine, type SimpleCommand, simpleCommands } from "./command-line.ts";

/** Programs that only shape what comes by a pipe. */
const FILTERS: ReadonlySet<string> = new Set([
  "head",
  "tail",
  "sort",
  "uniq",
  "wc",
  "nl",
  "cut",
  "tr",
  "column",
  "cat",
]);

/**
 * What a command does, for people: reading files, listing folders, searching. Whatever does anything else as well is `unknown` as a whole.
 *
 * @param cwd - Where it is run.
 */
export function commandActions(script: string, cwd: PathUri | undefined): CommandAction[] {
  const unknown: CommandAction[] = [{ type: "unknown", command: script }];
  const commands = simpleCommands(script);
  if (commands === undefined) return unknown;
  const actions: CommandAction[] = [];
  let folder = cwd;
  for (const { words, joint } of commands) {
    const [program = "", ...args] = words;
    if (joint === "|" && FILTERS.has(program) && operands(args).length === 0) continue;
    if (program === "cd" && args.length === 1 && joint !== "|") {
      folder = below(folder, args[0] ?? "");
      continue;
    }
    const action = actionOf({ words, joint }, folder);
    if (action === undefined) return unknown;
    actions.push(action);
  }
  return actions.length === 0 ? unknown : actions;
}

function actionOf({ words }: SimpleCommand, cwd: PathUri | undefined): CommandAction | undefined {
  const command = commandLine(words);
  const [program = "", ...args] = words;
  switch (program) {
    case "cat":
    case "nl":
    case "bat":
    case "less":
    case "more":
      return read(command, operands(args), cwd);
    case "head":
    case "tail":
      return read(command, operands(args, ["-n", "-c"]), cwd);
    case "sed":
      return args[0] === "-n" && /^\d+(?:,\d+)?p$/.test(args[1] ?? "") ? read(command, args.slice(2), cwd) : undefined;
    case "ls":
    case "tree":
      return { type: "listFiles", command, path: operands(args, ["-I", "-L"])[0] ?? null };
    case "find":
      return found(command, args);
    case "rg":
    case "ripgrep":
      if (args.includes("--files"))
        return { type: "listFiles", command, path: operands(args, ["-g", "--glob"])[0] ?? null };
      return search(command, operands(args, ["-g", "--glob", "-t", "--type", "-A", "-B", "-C", "-m"]));
    case "grep":
    case "egrep":
    case "fgrep":
      return search(command, operands(args, ["-A", "-B", "-C", "-m"]));
    case "git":
      if (args[0] === "grep") return search(command, operands(args.slice(1)));
      return args[0] === "ls-files"
        ? { type: "listFiles", command, path: operands(args.slice(1))[0] ?? null }
        : undefined;
    default:
      return undefined;
  }
}

function read(command: string, files: readonly string[], cwd: PathUri | undefined): CommandAction | undefined {
  const [file] = files;
  if (file === undefined || files.length > 1) return undefined;
  const place = below(cwd, file);
  return {
    type: "read",
    command,
    name: file.split(/[/\\]/).at(-1) ?? file,
    path: place === undefined ? file : displayPath(place),
  };
}

function search(command: string, [query, path]: readonly string[]): CommandAction | undefined {
  return query === undefined ? undefined : { type: "search", command, query, path: path ?? null };
}

/** Programs and removals that `find` starts are no search. */
function found(command: string, args: readonly string[]): CommandAction | undefined {
  if (args.some((arg) => /^-(?:exec|execdir|ok|okdir|delete|fprint.*|fls)$/.test(arg))) return undefined;
  const path = args[0]?.startsWith("-") === false ? args[0] : null;
  const name = args[args.findIndex((arg) => arg === "-name" || arg === "-iname") + 1];
  const isNamed = args.includes("-name") || args.includes("-iname");
  return isNamed ? { type: "search", command, query: name ?? null, path } : { type: "listFiles", command, path };
}

/** What is no option, nor the value of one of these. */
function operands(args: readonly string[], valued: readonly string[] = []): readonly string[] {
  return args.filter((arg, index) => !arg.startsWith("-") && !valued.includes(args[index - 1] ?? ""));
}

function below(cwd: PathUri | undefined, path: string): PathUri | undefined {
  if (cwd === undefined) return undefined;
  try {
    return join(cwd, path);
  } catch {
    return undefined;
  }
}
