/** Most bytes of text that one call gives back: some 20,000 tokens, which MCP clients still pass on whole. */
export const TEXT_MAX_BYTES = 64_000;
/** Most lines of a file in one call, and what is read where a call does not say. */
export const READ_MAX_LINES = 2_000;
/** A file up to this size is read in one message. */
export const READ_AT_ONCE_MAX_BYTES = 1_048_576;
/** Bytes of the largest image that a model is shown: what providers take, after base64. */
export const IMAGE_MAX_BYTES = 3_500_000;
/** Bytes of the largest file that is edited by its text. */
export const EDIT_MAX_BYTES = 8_388_608;
/** Most entries of one list, and most matches of one search. */
export const LIST_MAX_ENTRIES = 2_000;
export const LIST_DEFAULT_ENTRIES = 500;
export const SEARCH_MAX_MATCHES = 1_000;
export const SEARCH_DEFAULT_MATCHES = 200;
/** Folders below each other that a list without a pattern goes down. */
export const LIST_MAX_DEPTH = 8;
/** Milliseconds for one call, its connection included: below the minute after which MCP clients give a call up by default. */
export const FILE_CALL_MAX_MS = 45_000;
/** Milliseconds that a list or a search goes on; what was found by then is told. */
export const FIND_MAX_MS = 25_000;
