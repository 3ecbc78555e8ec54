import type { SearchMatch } from "@holdfast/exec-client";
import { basename, displayPath, type PathUri, parent, relativePathFrom } from "@holdfast/path-uri";
import { defineTool } from "../define-tool.ts";
import type { Tool, ToolResult } from "../tool.ts";
import { ToolArgumentError } from "../tool-arguments.ts";
import type { ToolPlaces } from "../tool-places.ts";
import { textResult } from "../tool-result.ts";
import { atPlace, environmentArgument, type FilePlace, type NamedPath, namedPath } from "./at-place.ts";
import { findFor, LEFT_OUT } from "./find-for.ts";
import { SEARCH_DEFAULT_MATCHES, SEARCH_MAX_MATCHES } from "./limits.ts";
import { LineBudget } from "./line-budget.ts";

interface Search {
  readonly pattern: string | RegExp;
  readonly glob: string | undefined;
  readonly ignoreCase: boolean;
  readonly limit: number;
}

/** What has a meaning in a regular expression. A text without any is looked for as it is, which every executor can. */
const SPECIAL = /[\\^$.*+?()[\]{}|]/;
/** Flags at the front of an expression, as other languages write them. */
const LEADING_FLAGS = /^\(\?([imsu]+)\)/;

/** Characters of a long line that are shown before and after what was found. */
const LINE_MAX_LENGTH = 400;

/** Finds lines in files. */
export function searchFilesTool(places: ToolPlaces): Tool {
  return defineTool({
    name: "search_files",
    title: "Search in files",
    description: `Find lines in the text files below a folder, or in one file, by a regular expression (ECMAScript, matched line by line), as grep -rn does. Prints path:line:text, paths relative to the folder. Hidden files are searched too; ${LEFT_OUT.text}, binary files and files above 4 MiB are not. Prefer it over exec_command with grep or rg.`,
    annotations: { readOnlyHint: true, openWorldHint: false },
    arguments: {
      pattern: {
        kind: "text",
        isRequired: true,
        about: "What to find: a regular expression, or with literal a plain text.",
      },
      path: {
        kind: "text",
        about: "The folder or file: absolute, or relative to the working folder, which is the default.",
      },
      glob: {
        kind: "text",
        about: "Only files whose path below the folder matches, e.g. **/*.ts or src/**. Default: all.",
      },
      literal: { kind: "flag", about: "Take pattern as plain text." },
      ignore_case: { kind: "flag", about: "Upper and lower case are the same." },
      limit: {
        kind: "integer",
        minimum: 1,
        maximum: SEARCH_MAX_MATCHES,
        default: SEARCH_DEFAULT_MATCHES,
        about: "Most lines.",
      },
      ...environmentArgument(places),
    },
    run: ({ pattern, path = "", glob, literal, ignore_case, limit, ...at }, call) => {
      const search = { ...patternOf(pattern, { literal, ignoreCase: ignore_case }), glob, limit };
      return atPlace(places, at, call, (place) => searchFiles(place, namedPath(place, path), search));
    },
  });
}

function patternOf(
  text: string,
  { literal, ignoreCase }: { readonly literal: boolean; readonly ignoreCase: boolean },
): Pick<Search, "pattern" | "ignoreCase"> {
  if (text === "") throw new ToolArgumentError("pattern must not be empty");
  if (literal || !SPECIAL.test(text)) return { pattern: text, ignoreCase };
  const [flags = "", names = ""] = LEADING_FLAGS.exec(text) ?? [];
  try {
    return { pattern: new RegExp(text.slice(flags.length)), ignoreCase: ignoreCase || names.includes("i") };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ToolArgumentError(`pattern is no regular expression: ${reason}; with literal it is taken as plain text`);
  }
}

async function searchFiles(place: FilePlace, { uri, path }: NamedPath, search: Search): Promise<ToolResult> {
  const { pattern, limit, ignoreCase } = search;
  const { fs } = place.executor;
  const { isDirectory } = await fs.metadata(path, place.call);
  const folder = isDirectory ? uri : (parent(uri) ?? uri);
  const glob = isDirectory ? search.glob : literalGlob(basename(uri) ?? "");
  const lines = new LineBudget(limit);
  let problems = 0;
  const end = await findFor(place.call.signal, async (signal) => {
    const matches = fs.search(pattern, {
      cwd: displayPath(folder),
      sandbox: place.sandbox,
      signal,
      includeHidden: true,
      ignore: isDirectory ? LEFT_OUT.patterns : [],
      ignoreCase,
      maxMatches: limit + 1,
      onProblem: () => {
        problems += 1;
      },
      ...(glob === undefined ? {} : { glob }),
    });
    for await (const match of matches) if (!lines.add(lineOf(match, folder))) break;
  });
  return textResult(
    lines.text,
    lines.count === 0 && end === "" ? "[nothing found]" : "",
    lines.isFull ? "[there is more: narrow it by path, glob or pattern, or raise limit]" : "",
    problems === 0 ? "" : `[${problems} files or folders were left out: they are too large, or may not be read]`,
    end,
  );
}

function lineOf({ uri, lineNumber, text, textColumn }: SearchMatch, folder: PathUri): string {
  const path = relativePathFrom(uri, folder) ?? displayPath(uri);
  const isCut = text.length > LINE_MAX_LENGTH;
  const shown = `${textColumn > 1 ? "…" : ""}${isCut ? `${text.slice(0, LINE_MAX_LENGTH)}…` : text}`;
  return `${path}:${lineNumber}:${shown}`;
}

/** A pattern that one name alone matches. */
function literalGlob(name: string): string {
  return name.replaceAll(/[*?[\]{}\\]/g, "\\$&");
}
