import type { Check } from "@holdfast/rpc/client";
import { InvalidArgumentError } from "../errors.ts";

/** Whom to run a command as. */
export const userName: Check = (value, name) => {
  if (typeof value === "string" && value !== "") return;
  throw new InvalidArgumentError(name, `${name} must be a name, or an id in digits as a string`);
};
