export const KIB = 1_024;
export const MIB = 1_048_576;

/** MiB per second of what began at `begin` (`performance.now`). */
export function mibPerSecond(bytes: number, begin: number): number {
  return bytes / MIB / ((performance.now() - begin) / 1_000);
}
