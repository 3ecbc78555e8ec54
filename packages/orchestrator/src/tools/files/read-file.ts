import { defineTool } from "../define-tool.ts";
import type { Tool, ToolResult } from "../tool.ts";
import type { ToolPlaces } from "../tool-places.ts";
import { textResult } from "../tool-result.ts";
import { atPlace, environmentArgument, type FilePlace, namedPath } from "./at-place.ts";
import { imageType } from "./image-type.ts";
import { IMAGE_MAX_BYTES, READ_AT_ONCE_MAX_BYTES, READ_MAX_LINES, TEXT_MAX_BYTES } from "./limits.ts";
import { type LineWindow, lineWindow } from "./line-window.ts";
import { isText, readableText } from "./text.ts";

/** What is looked at to tell a text from an image or another binary file. */
const BEGINNING_BYTES = 8_192;

const LINE_NUMBER_MAX = 1_000_000_000;

/** Which lines of a file are asked for. */
interface Lines {
  readonly offset: number;
  readonly limit: number;
}

/** Reads a text file, or shows an image. */
export function readFileTool(places: ToolPlaces): Tool {
  return defineTool({
    name: "read_file",
    title: "Read a file",
    description: `Read a text file exactly as it is, without line numbers, or see an image (PNG, JPEG, GIF, WebP). One call gives at most ${READ_MAX_LINES} lines and ${TEXT_MAX_BYTES} bytes, and says by which offset to read on. Prefer it over exec_command with cat, head or sed.`,
    annotations: { readOnlyHint: true, openWorldHint: false },
    arguments: {
      path: { kind: "text", isRequired: true, about: "The file: absolute, or relative to the working folder." },
      offset: {
        kind: "integer",
        minimum: 1,
        maximum: LINE_NUMBER_MAX,
        default: 1,
        about: "Number of the first line to read, from 1 on.",
      },
      limit: {
        kind: "integer",
        minimum: 1,
        maximum: READ_MAX_LINES,
        default: READ_MAX_LINES,
        about: "Most lines to read.",
      },
      ...environmentArgument(places),
    },
    run: ({ path, offset, limit, ...at }, call) =>
      atPlace(places, at, call, (place) => readFile(place, namedPath(place, path).path, { offset, limit })),
  });
}

async function readFile(place: FilePlace, path: string, { offset, limit }: Lines): Promise<ToolResult> {
  const { call } = place;
  const { fs } = place.executor;
  const { size, isDirectory } = await fs.metadata(path, call);
  if (isDirectory) throw new Error(`${path} is a folder; list_files shows what is in it`);
  const isSmall = size <= READ_AT_ONCE_MAX_BYTES;
  const beginning = isSmall ? await fs.readFile(path, call) : await beginningOf(place, path);
  const type = imageType(beginning);
  if (type !== undefined) {
    if (size > IMAGE_MAX_BYTES) {
      throw new Error(`${path} is an image of ${size} bytes; at most ${IMAGE_MAX_BYTES} are shown`);
    }
    const data = Buffer.from(isSmall ? beginning : await fs.readFile(path, call)).toString("base64");
    return { content: [{ type: "image", data, mimeType: type }] };
  }
  if (!isText(beginning.subarray(0, BEGINNING_BYTES))) {
    throw new Error(`${path} is no text: a binary file of ${size} bytes; exec_command can look into it`);
  }
  const blocks = isSmall ? [beginning] : fs.createReadStream(path, call);
  const window = await lineWindow(blocks, { offset, limit, maxBytes: TEXT_MAX_BYTES });
  const { text, isExact } = readableText(window.bytes);
  return textResult(text, [...noteOn(window, offset), ...(isExact ? [] : [NOT_EXACT])].join("\n"));
}

const NOT_EXACT = "[bytes that are no UTF-8 are shown as \u{fffd}]";

async function beginningOf({ executor, call }: FilePlace, path: string): Promise<Uint8Array> {
  const stream = executor.fs.createReadStream(path, { ...call, length: BEGINNING_BYTES });
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** What a reader of the text has to know besides it. */
function noteOn({ bytes, lineCount, passedLines, isEnd, isCutInLine }: LineWindow, offset: number): readonly string[] {
  const last = passedLines + lineCount;
  if (bytes.length === 0) {
    return [offset === 1 ? "[the file is empty]" : `[the file has ${passedLines} lines, none from ${offset} on]`];
  }
  if (isCutInLine) {
    return [
      `[the first ${bytes.length} bytes of line ${last}, which is longer; the line after it is offset ${last + 1}]`,
    ];
  }
  return isEnd ? [] : [`[lines ${passedLines + 1} to ${last}; more follows: read on with offset ${last + 1}]`];
}
