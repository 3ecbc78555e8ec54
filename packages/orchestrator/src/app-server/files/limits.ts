import { MESSAGE_MAX_BYTES } from "@holdfast/app-server-protocol";

/** Bytes of a message that are not the content of a file. */
const AROUND_BYTES = 1_024;

/** Most bytes of a file that one answer can hold, as base64. */
export const FILE_ANSWER_MAX_BYTES = Math.floor(((MESSAGE_MAX_BYTES - AROUND_BYTES) * 3) / 4);

/** Larger files are read a few at a time, and for a client only while it takes what it is sent. */
export const LARGE_FILE_BYTES = 1_048_576;

/** Large files of a server that are read at a time. */
export const LARGE_FILES_AT_ONCE = 4;

/** Milliseconds in which changes are told together. */
export const CHANGES_TOGETHER_MS = 100;

/** Paths that one notice of changes names. Where there are more, it names what is watched. */
export const CHANGED_PATHS_MAX = 1_024;

/** Entries of one folder that are looked at, at a time. */
export const LOOKS_AT_ONCE = 16;
