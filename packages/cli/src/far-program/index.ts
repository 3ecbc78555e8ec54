/*
 * The entry `holdfast/far-program`: this very program, to be put on another machine by `connect("ssh://…")`.
 */
import type { FarProgram } from "@holdfast/exec-client";
import { version } from "../version.ts";
import { buildName } from "./build-name.ts";
import { isWholeFor } from "./outside-packages.ts";
import { packProgram } from "./pack-program.ts";

export const farProgram: FarProgram = {
  get version() {
    return version();
  },
  get build() {
    return buildName();
  },
  isWholeFor,
  pack: packProgram,
};
