export type { TreeFilter } from "./file-tree.ts";
export { type FindPage, type FindRequest, findFiles } from "./find-files.ts";
export type { RunLineSearch } from "./pattern.ts";
export { searchLinesHere } from "./pattern-here.ts";
export { PatternThread } from "./pattern-thread.ts";
export { type SearchPage, type SearchRequest, searchText } from "./search-text.ts";
