import { editFileTool } from "./files/edit-file.ts";
import { listFilesTool } from "./files/list-files.ts";
import { readFileTool } from "./files/read-file.ts";
import { searchFilesTool } from "./files/search-files.ts";
import { writeFileTool } from "./files/write-file.ts";
import type { Tool } from "./tool.ts";
import type { ToolPlaces } from "./tool-places.ts";

/**
 * Tools to look at files and to change them, in the environments of an agent: `read_file`, `list_files`, `search_files`, `edit_file`,
 * `write_file`. Everything they do is confined as their place says, also reading.
 */
export function fileTools(places: ToolPlaces): readonly Tool[] {
  return [
    readFileTool(places),
    listFilesTool(places),
    searchFilesTool(places),
    editFileTool(places),
    writeFileTool(places),
  ];
}
