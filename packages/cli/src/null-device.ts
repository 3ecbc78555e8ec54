import { fstatSync, statSync } from "node:fs";

/** Whether a descriptor is that of `/dev/null`, however it was opened; false where it can't be told. */
export function isNullDevice(descriptor: number): boolean {
  try {
    const stats = fstatSync(descriptor);
    return stats.isCharacterDevice() && stats.rdev === statSync("/dev/null").rdev;
  } catch {
    return false;
  }
}
