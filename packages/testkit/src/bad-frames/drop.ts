import type { FrameFault } from "./bad-frames.ts";
import { chooser, type FrameChoice } from "./choose.ts";

/** Chosen frames never come. */
export function dropFrames(choice: FrameChoice): FrameFault {
  const isChosen = chooser(choice);
  return (frame, pass) => {
    if (!isChosen(frame)) pass(frame);
  };
}
