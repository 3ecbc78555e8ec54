import type { ThreadItem, UserInput } from "@holdfast/app-server-protocol";
import type { ResponseItem } from "../model/response-item.ts";
import { uuidV7 } from "../uuid-v7.ts";
import type { TurnInput } from "./turn-port.ts";

/** Reads files of the machine of this program. What it can not read, it throws an error about. */
export interface ReadLocal {
  /** As a `data:` URL. */
  image(path: string): Promise<string>;
  text(path: string): Promise<string>;
}

/** What people said, as an item. */
export function userMessageItem({ content, clientId }: TurnInput): ThreadItem {
  return { type: "userMessage", id: uuidV7(), clientId: clientId ?? null, content: [...content] };
}

/** The same for a model. */
export async function userMessage({ content }: TurnInput, read: ReadLocal): Promise<ResponseItem> {
  const parts = await Promise.all(content.map((part) => partOf(part, read)));
  return { type: "message", id: `msg_${uuidV7()}`, role: "user", content: parts };
}

async function partOf(input: UserInput, read: ReadLocal): Promise<Readonly<Record<string, unknown>>> {
  switch (input.type) {
    case "text":
      return text(String(input.text));
    case "image": {
      const { detail = "high" } = input as { detail?: string | null };
      const image = { type: "input_image", detail: detail ?? "high" };
      return "url" in input
        ? { ...image, image_url: input.url }
        : { ...image, file_id: (input as { fileId: string }).fileId };
    }
    case "localImage": {
      const path = String(input.path);
      try {
        return { type: "input_image", image_url: await read.image(path), detail: "high" };
      } catch (error) {
        return text(`[the image ${path} could not be read: ${error instanceof Error ? error.message : String(error)}]`);
      }
    }
    case "skill":
      return text(await skillText(String(input.name), String(input.path), read));
    case "mention":
      return text(`[mention ${String(input.name)}: ${String(input.path)}]`);
    default:
      return text(`[input of the kind ${input.type}, which can not be passed on]`);
  }
}

async function skillText(name: string, path: string, read: ReadLocal): Promise<string> {
  try {
    return `<skill>\n<name>${name}</name>\n<path>${path}</path>\n${await read.text(path)}\n</skill>`;
  } catch (error) {
    return `[the skill ${name} could not be read from ${path}: ${error instanceof Error ? error.message : String(error)}]`;
  }
}

function text(value: string): Readonly<Record<string, unknown>> {
  return { type: "input_text", text: value };
}
