import type { FrameFault } from "./bad-frames.ts";
import { chooser, type FrameChoice } from "./choose.ts";

/** Chosen frames never come. */
export const dropFrames = (choice: FrameChoice): FrameFault => {
  const isChosen = chooser(choice);
  return (frame, pass) => {
    if (!isChosen(frame)) pass(frame);
  };
};
