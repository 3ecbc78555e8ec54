import { systemClock } from "@holdfast/rpc";
import type { Admission, AdmissionOptions } from "./admission.ts";
import { Door } from "./door.ts";

/**
 * The admission check of a listener that stands for an executor without being one: this user and root, from this machine.
 *
 * @throws Error where this system can't identify the user of a connection; the message says why.
 */
export function admissionOfOwnUser({ transport }: Pick<AdmissionOptions, "transport"> = {}): Pick<Admission, "judge"> {
  return new Door(systemClock).open({ otherLocalUsers: false, otherMachines: false, transport });
}
