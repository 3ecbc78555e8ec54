import { closeSync } from "node:fs";
import type { PlannedDescriptor } from "@holdfast/sandbox";
import { openContent } from "../platform/content-file.ts";
import { duplicate } from "../platform/descriptors.ts";
import type { InheritedDescriptor } from "../platform/posix-spawn.ts";

/** Files with the content that a child is to inherit, open on this side until the child has them. */
export class ExtraDescriptors implements Disposable {
  readonly inherited: readonly InheritedDescriptor[];

  /** @throws the operating system's error, e.g. `EMFILE`; nothing stays open then. */
  constructor(planned: readonly PlannedDescriptor[]) {
    const lowest = 1 + Math.max(...planned.map(({ fd }) => fd));
    const inherited: InheritedDescriptor[] = [];
    this.inherited = inherited;
    try {
      for (const { fd, content } of planned) inherited.push({ from: openAbove(content, lowest), to: fd });
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
