import type { FrameFault } from "./bad-frames.ts";
import { chooser, type FrameChoice } from "./choose.ts";

/** Chosen frames come twice. Default: all. */
export function duplicateFrames(choice: FrameChoice = () => true): FrameFault {
  const isChosen = chooser(choice);
  return (frame, pass) => {
    pass(frame);
    if (isChosen(frame)) pass(frame);
  };
}
