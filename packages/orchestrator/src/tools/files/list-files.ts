import type { EntryKind, GlobEntry } from "@holdfast/exec-client";
import { displayPath, type PathUri, relativePathFrom } from "@holdfast/path-uri";
import { defineTool } from "../define-tool.ts";
import type { Tool, ToolResult } from "../tool.ts";
import type { ToolPlaces } from "../tool-places.ts";
import { textResult } from "../tool-result.ts";
import { atPlace, environmentArgument, type FilePlace, type NamedPath, namedPath } from "./at-place.ts";
import { findFor, LEFT_OUT } from "./find-for.ts";
import { LIST_DEFAULT_ENTRIES, LIST_MAX_DEPTH, LIST_MAX_ENTRIES } from "./limits.ts";
import { LineBudget } from "./line-budget.ts";

interface Listing {
  readonly pattern: string | undefined;
  readonly depth: number;
  readonly limit: number;
}

/** How a name ends that is neither file nor folder, as `ls -F` has it. */
const MARKS: Partial<Record<EntryKind, string>> = { directory: "/", symlink: "@", fifo: "|", socket: "=" };

/** Lists a folder, or finds files by a pattern. */
export function listFilesTool(places: ToolPlaces): Tool {
  return defineTool({
    name: "list_files",
    title: "List or find files",
    description: `List a folder, or find files below it by a pattern of their paths. Prints one path per line, relative to the folder that was asked for; folders end with /, links with @. Hidden files are listed too; ${LEFT_OUT.text} are not gone into, unless path leads there.`,
    annotations: { readOnlyHint: true, openWorldHint: false },
    arguments: {
      path: { kind: "text", about: "The folder: absolute, or relative to the working folder, which is the default." },
      pattern: {
        kind: "text",
        about:
          "What to find below the folder, e.g. **/*.test.ts or src/**/{index,main}.*: * ? [a-z] {a,b}, and ** for any folders in between. Default: list the folder.",
      },
      depth: {
        kind: "integer",
        minimum: 1,
        maximum: LIST_MAX_DEPTH,
        default: 1,
        about: "Without a pattern: how many levels of folders to list. 1 is the folder alone.",
      },
      limit: {
        kind: "integer",
        minimum: 1,
        maximum: LIST_MAX_ENTRIES,
        default: LIST_DEFAULT_ENTRIES,
        about: "Most entries.",
      },
      ...environmentArgument(places),
    },
    run: ({ path = "", pattern, depth, limit, ...at }, call) =>
      atPlace(places, at, call, (place) => listFiles(place, namedPath(place, path), { pattern, depth, limit })),
  });
}

async function listFiles(place: FilePlace, { uri, path }: NamedPath, listing: Listing): Promise<ToolResult> {
  const { pattern, depth, limit } = listing;
  const { fs } = place.executor;
  const { isDirectory } = await fs.metadata(path, place.call);
  if (!isDirectory) throw new Error(`${path} is a file, no folder; read_file reads it`);
  const lines = new LineBudget(limit);
  const patterns = pattern ?? Array.from({ length: depth }, (_, level) => `${"*/".repeat(level)}*`);
  const end = await findFor(place.call.signal, async (signal) => {
    const options = { cwd: path, sandbox: place.sandbox, signal, includeHidden: true };
    for await (const entry of fs.glob(patterns, { ...options, ignore: LEFT_OUT.patterns, limit: limit + 1 })) {
      if (!lines.add(lineOf(entry, uri))) break;
    }
  });
  const nothing = pattern === undefined ? "[the folder is empty]" : `[nothing matches ${pattern}]`;
  const left = lines.isFull ? "[there is more: narrow it by path or pattern, or raise limit]" : "";
  return textResult(lines.text, lines.text === "" && end === "" ? nothing : "", left, end);
}

function lineOf({ uri, kind }: GlobEntry, folder: PathUri): string {
  const path = relativePathFrom(uri, folder) ?? displayPath(uri);
  return `${path}${MARKS[kind] ?? ""}`;
}
