import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Collects what nothing holds any more. */
export const collectGarbage: () => void = (() => {
  setFlagsFromString("--expose_gc");
  return runInNewContext("gc") as () => void;
})();
