import { defineTool } from "../define-tool.ts";
import type { Tool, ToolResult } from "../tool.ts";
import { ToolArgumentError } from "../tool-arguments.ts";
import type { ToolPlaces } from "../tool-places.ts";
import { textResult } from "../tool-result.ts";
import { atPlace, environmentArgument, type FilePlace, namedPath } from "./at-place.ts";
import { EDIT_MAX_BYTES } from "./limits.ts";
import { isText, readableText } from "./text.ts";

/** What is to be put in the place of what. */
interface Edit {
  readonly old: string;
  readonly new: string;
  readonly all: boolean;
}

/** Line numbers of places that are told, when there are too many. */
const PLACES_SHOWN = 5;

/** Replaces a text in a file. */
export function editFileTool(places: ToolPlaces): Tool {
  return defineTool({
    name: "edit_file",
    title: "Edit a file",
    description:
      "Replace one text in a file by another. old_text must be in the file exactly once, character for character, indentation included: take some lines around it to make it so. replace_all replaces every occurrence. Read the file before.",
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
    arguments: {
      path: { kind: "text", isRequired: true, about: "The file: absolute, or relative to the working folder." },
      old_text: { kind: "text", isRequired: true, about: "What is there now, exactly as read_file gives it." },
      new_text: { kind: "text", isRequired: true, about: "What is to be there instead. Empty: old_text is taken out." },
      replace_all: { kind: "flag", about: "Replace every occurrence. Default: there must be one only." },
      ...environmentArgument(places),
    },
    run: ({ path, old_text, new_text, replace_all, ...at }, call) => {
      if (old_text === "") throw new ToolArgumentError("old_text must not be empty; write_file makes a new file");
      if (old_text === new_text) throw new ToolArgumentError("old_text and new_text are the same: nothing to change");
      const edit = { old: old_text, new: new_text, all: replace_all };
      return atPlace(places, at, call, (place) => editFile(place, namedPath(place, path).path, edit));
    },
  });
}

async function editFile({ executor: { fs }, call }: FilePlace, path: string, edit: Edit): Promise<ToolResult> {
  const { size, isDirectory } = await fs.metadata(path, call);
  if (isDirectory) throw new Error(`${path} is a folder; list_files shows what is in it`);
  if (size > EDIT_MAX_BYTES) {
    throw new Error(`${path} has ${size} bytes, more than the ${EDIT_MAX_BYTES} that are edited; use exec_command`);
  }
  const bytes = await fs.readFile(path, call);
  const { text, isExact } = readableText(bytes);
  if (!isExact || !isText(bytes)) throw new Error(`${path} is no text in UTF-8; use exec_command to change it`);
  const { old, new: replacement } = inLineEndsOf(text, edit);
  const starts = occurrences(text, old);
  if (starts.length === 0) throw new Error(notThere(path, text, old));
  if (starts.length > 1 && !edit.all) {
    const lines = starts.slice(0, PLACES_SHOWN).map((at) => lineAt(text, at));
    throw new Error(
      `old_text is in ${path} ${starts.length} times, at lines ${lines.join(", ")}${starts.length > PLACES_SHOWN ? ", …" : ""}: take more lines around the one that is meant, or set replace_all`,
    );
  }
  await fs.writeTextFile(path, text.split(old).join(replacement), call);
  const [first = 0] = starts;
  const places = starts.length === 1 ? `at line ${lineAt(text, first)}` : `${starts.length} times`;
  return textResult(`replaced in ${path}, ${places}`);
}

/** Models write newlines; a file that has CRLF at every line's end goes on having them. */
function inLineEndsOf(text: string, edit: Edit): Pick<Edit, "old" | "new"> {
  const isCrlf = text.includes("\r\n") && !/(?<!\r)\n/.test(text);
  if (!isCrlf || edit.old.includes("\r") || edit.new.includes("\r")) return edit;
  return { old: edit.old.replaceAll("\n", "\r\n"), new: edit.new.replaceAll("\n", "\r\n") };
}

function occurrences(text: string, part: string): readonly number[] {
  const starts: number[] = [];
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + part.length)) starts.push(at);
  return starts;
}

/** What a model needs to find its mistake: whether only blanks differ, and where. */
function notThere(path: string, text: string, old: string): string {
  const words = old.trim().split(/\s+/);
  const loosely = words.length > 0 && words[0] !== "" ? looseMatch(text, words) : -1;
  if (loosely === -1) return `old_text is not in ${path}: read the file again, it may have changed`;
  return `old_text is not in ${path} as it is written; with other blanks or line ends it is at line ${lineAt(text, loosely)}: copy it from read_file`;
}

/** Words that are looked for with any blanks between them: enough to find the place. */
const LOOSE_WORDS_MAX = 200;

function looseMatch(text: string, words: readonly string[]): number {
  const pattern = words.slice(0, LOOSE_WORDS_MAX).map((word) => word.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
  return text.search(new RegExp(pattern.join("\\s+"), "u"));
}

function lineAt(text: string, at: number): number {
  return text.slice(0, at).split("\n").length;
}
