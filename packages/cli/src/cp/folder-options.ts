import type { OptionSpec } from "../command-line/command-spec.ts";

/** How folders are copied. */
export const FOLDER_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  exclude: {
    kind: "texts",
    value: "PATTERN",
    about: "leave out what matches, as in a .gitignore file; may be repeated",
  },
  gitignore: { kind: "switch", about: "leave out what the .gitignore files in the folder say, and .git" },
  checksum: { kind: "switch", about: "compare files by their contents, not by their times" },
  whole: { kind: "switch", about: "send everything, also what is there already" },
  resume: {
    kind: "switch",
    about: "leave what has arrived for the next copy when this one is cut short, and take up such",
  },
};
