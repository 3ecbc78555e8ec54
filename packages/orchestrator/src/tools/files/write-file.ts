import { displayPath, parent } from "@holdfast/path-uri";
import { defineTool } from "../define-tool.ts";
import type { Tool, ToolResult } from "../tool.ts";
import type { ToolPlaces } from "../tool-places.ts";
import { textResult } from "../tool-result.ts";
import { atPlace, environmentArgument, type FilePlace, type NamedPath, namedPath } from "./at-place.ts";
import { countLines } from "./line-window.ts";

/** Makes a file, or replaces all of one. */
export function writeFileTool(places: ToolPlaces): Tool {
  return defineTool({
    name: "write_file",
    title: "Write a file",
    description:
      "Make a text file, or replace everything in one, with exactly the content that is given. Folders that are missing on the way are made. To change a part of a file, use edit_file or apply_patch.",
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
    arguments: {
      path: { kind: "text", isRequired: true, about: "The file: absolute, or relative to the working folder." },
      content: { kind: "text", isRequired: true, about: "All of its new content. A text file ends with a newline." },
      ...environmentArgument(places),
    },
    run: ({ path, content, ...at }, call) =>
      atPlace(places, at, call, (place) => writeFile(place, namedPath(place, path), content)),
  });
}

async function writeFile(
  { executor: { fs }, call }: FilePlace,
  { uri, path }: NamedPath,
  content: string,
): Promise<ToolResult> {
  const bytes = new TextEncoder().encode(content);
  const folder = parent(uri);
  if (folder !== undefined) await fs.createDirectory(displayPath(folder), { ...call, recursive: true });
  await fs.writeFile(path, bytes, call);
  return textResult(`wrote ${path}: ${countLines(bytes)} lines, ${bytes.length} bytes`);
}
