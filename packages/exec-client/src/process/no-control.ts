import { UnsupportedError } from "../errors/unsupported-error.ts";
import type { ProcessControl } from "./process-control.ts";

/** For a process that helper commands can not find either. @param reason - Said behind the capability that is missing. */
export function noControl(reason: string): ProcessControl {
  const unsupported = async (operation: string): Promise<never> => {
    throw new UnsupportedError(operation, `the capability holdfastProcessControl, ${reason}`);
  };
  return {
    signal: (name) => unsupported(`process.kill("${name}")`),
    resize: () => unsupported("process.resize"),
    closeStdin: () => unsupported("process.closeStdin"),
    end: undefined,
    endDescendants: async () => {},
  };
}
