/** Entries of one policy. Each costs looks at the disk whenever a command starts. */
export const MAX_ENTRIES = 4_096;
