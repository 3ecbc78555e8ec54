import type { ToolOutputImage } from "@openai/agents";
import { SandboxUnsupportedFeatureError } from "@openai/agents/sandbox";

/** Bytes of the largest image that a model is shown. */
export const IMAGE_MAX_BYTES = 10_485_760;

/** How the files of each kind begin, as Latin-1. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^\x89PNG\r\n/, "image/png"],
  [/^\xff\xd8\xff/, "image/jpeg"],
  [/^GIF8[79]a/, "image/gif"],
  [/^RIFF[\s\S]{4}WEBP/, "image/webp"],
];

/** @throws SandboxUnsupportedFeatureError - It is none that models see. */
export function imageOf(path: string, data: Uint8Array<ArrayBuffer>): ToolOutputImage {
  const beginning = String.fromCharCode(...data.subarray(0, 16));
  const mediaType = KINDS.find(([pattern]) => pattern.test(beginning))?.[1];
  if (mediaType === undefined) {
    throw new SandboxUnsupportedFeatureError(`unsupported image format: ${path} is no PNG, JPEG, GIF or WebP`);
  }
  return { type: "image", image: { data, mediaType } };
}
