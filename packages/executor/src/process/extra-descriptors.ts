import { closeSync } from "node:fs";
import type { PlannedDescriptor } from "@holdfast/sandbox";
import { openContent } from "../platform/content-file.ts";
import { duplicate } from "../platform/descriptors.ts";
import type { InheritedDescriptor } from "../platform/posix-spawn.ts";

/** What a child is to inherit beyond its standard streams, open on this side until the child has it. */
export class ExtraDescriptors implements Disposable {
  readonly inherited: readonly InheritedDescriptor[];

  /**
   * @param handed - Descriptors of the caller's. They are copied, and stay the caller's to close.
   * @throws the operating system's error, e.g. `EMFILE`; nothing stays open then.
   */
  constructor(planned: readonly PlannedDescriptor[], handed: readonly InheritedDescriptor[] = []) {
    const lowest = 1 + Math.max(...planned.map(({ fd }) => fd), ...handed.map(({ to }) => to));
    const inherited: InheritedDescriptor[] = [];
    this.inherited = inherited;
    try {
      for (const { fd, content } of planned) inherited.push({ from: openAbove(content, lowest), to: fd });
      for (const { from, to } of handed) inherited.push({ from: copyAbove(from, lowest), to });
    } catch (thrown) {
      this[Symbol.dispose]();
      throw thrown;
    }
  }

  [Symbol.dispose](): void {
    for (const { from } of this.inherited) closeSync(from);
  }
}

/** Above every number that the child gets, so that taking one place never destroys what another needs. */
function openAbove(content: Uint8Array, lowest: number): number {
  const fd = openContent(content);
  if (fd >= lowest) return fd;
  const higher = duplicate(fd, lowest);
  // Where none can be made, Node moves the descriptors itself.
  if (higher === undefined) return fd;
  closeSync(fd);
  return higher;
}

function copyAbove(fd: number, lowest: number): number {
  const copy = duplicate(fd, lowest);
  if (copy === undefined) throw Object.assign(new Error("a descriptor could not be copied"), { code: "EMFILE" });
  return copy;
}
