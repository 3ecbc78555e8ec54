import type { FrameFault } from "./bad-frames.ts";
import { chooser, type FrameChoice } from "./choose.ts";
import type { Frame } from "./frame-line.ts";

/** Each chosen frame comes after `later` frames that were sent after it. Held ones do not count for one another. */
export function reorderFrames(choice: FrameChoice, later: number): FrameFault {
  const isChosen = chooser(choice);
  let held: { readonly frame: Frame; left: number }[] = [];
  return (frame, pass) => {
    if (isChosen(frame)) {
      held.push({ frame, left: later });
      return;
    }
    pass(frame);
    for (const entry of held) entry.left -= 1;
    const due = held.filter(({ left }) => left <= 0);
    held = held.filter(({ left }) => left > 0);
    for (const entry of due) pass(entry.frame);
  };
}
