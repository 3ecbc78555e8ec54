import { abortSignal, callback, flag, type OptionChecks, text, wholeNumber } from "@holdfast/rpc/client";
import { PORT_MAX } from "../connection-place.ts";
import type { ForwardOptions, ForwardReverseOptions } from "./types.ts";

export const FORWARD: OptionChecks<ForwardOptions> = {
  port: wholeNumber(0, PORT_MAX),
  path: text,
  host: text,
  signal: abortSignal,
  onError: callback,
};

export const FORWARD_REVERSE: OptionChecks<ForwardReverseOptions> = { ...FORWARD, otherMachines: flag };
