/** Files that are found, best first. */
export const MATCHES_MAX = 50;

/** Longest query, in UTF-16 code units. */
export const QUERY_MAX_CHARACTERS = 1_024;

/** Most folders that a search begins at. */
export const ROOTS_MAX = 64;

/** Files and folders of one search that are known. What comes after them is not found. */
export const ENTRIES_MAX = 200_000;

/** Folders below a root. */
export const DEPTH_MAX = 64;

/** Folders that are listed at a time. */
export const LISTINGS_AT_ONCE = 8;

/** Milliseconds that names are compared before others go first. */
export const SLICE_MS = 5;

/** Milliseconds between two reports of a search whose folders are still being listed. */
export const REPORT_INTERVAL_MS = 100;

/** Milliseconds that folders are listed for one search. What comes after them is not found. */
export const LISTING_MAX_MS = 15_000;

/** Single searches of a server that list folders at a time. Others wait. */
export const SEARCHES_AT_ONCE = 4;

/** Sessions that a client may have at a time: each keeps its entries. */
export const SESSIONS_MAX = 4;
