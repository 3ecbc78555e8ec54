import { systemClock } from "@holdfast/rpc";
import type { Admission } from "./admission.ts";
import { Door } from "./door.ts";

/**
 * The admission check of a TCP listener that stands for an executor without being one: this user and root, from this machine.
 *
 * @throws Error where this system can't identify the user of a connection; the message says why.
 */
export function admissionOfOwnUser(): Admission {
  return new Door(systemClock).open({ otherLocalUsers: false, otherMachines: false });
}
