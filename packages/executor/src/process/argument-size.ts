import { osErrorText } from "../platform/os-error.ts";
import { SpawnFault, type SpawnRequest } from "./child.ts";
import { MAX_ARGUMENT_BYTES, MAX_ARGUMENTS_BYTES } from "./limits.ts";

const POINTER_BYTES = 8;
const ZERO_BYTE = 1;
/** Most bytes of UTF-8 for one code unit. */
const BYTES_PER_UNIT = 3;

/**
 * Refuse what no system could start, before anything is built of it: the system would say so in the end as well.
 *
 * @throws SpawnFault `Argument list too long`.
 */
export function checkArgumentSize({ argv, arg0 = "", env }: Pick<SpawnRequest, "argv" | "arg0" | "env">): void {
  let left = MAX_ARGUMENTS_BYTES;
  const take = (units: number, bytes: () => number): void => {
    const size = (units * BYTES_PER_UNIT < MAX_ARGUMENT_BYTES ? units : bytes()) + ZERO_BYTE;
    left -= size + POINTER_BYTES;
    if (size > MAX_ARGUMENT_BYTES || left < 0) throw new SpawnFault(osErrorText("E2BIG") ?? "E2BIG", { code: "E2BIG" });
  };
  for (const word of [...argv, arg0]) take(word.length, () => Buffer.byteLength(word));
  for (const [name, value] of Object.entries(env)) {
    take(name.length + 1 + value.length, () => Buffer.byteLength(name) + 1 + Buffer.byteLength(value));
  }
}
