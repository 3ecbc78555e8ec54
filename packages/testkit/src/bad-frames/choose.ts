import { type Frame, frameText } from "./frame-line.ts";

/** Which frames a fault is about; told the text of each and its place, counted from 1. */
export type FrameChoice = (text: string, place: number) => boolean;

/** A choice that counts. */
export function chooser(choice: FrameChoice): (frame: Frame) => boolean {
  let place = 0;
  return (frame) => {
    place += 1;
    return choice(frameText(frame), place);
  };
}
