import type { ThreadItem, UserInput } from "@holdfast/app-server-protocol";
import type { ResponseItem } from "../model/response-item.ts";
import { uuidV7 } from "../uuid-v7.ts";
import type { TurnInput } from "./turn-port.ts";

/** Reads an image of the machine of this program, as a `data:` URL. @throws Error - It is none, or can not be read. */
export type ReadImage = (path: string) => Promise<string>;

/** What people said, as an item. */
export function userMessageItem({ content, clientId }: TurnInput): ThreadItem {
  return { type: "userMessage", id: uuidV7(), clientId: clientId ?? null, content: [...content] };
}

/** The same for a model. */
export async function userMessage({ content }: TurnInput, readImage: ReadImage): Promise<ResponseItem> {
  const parts = await Promise.all(content.map((part) => partOf(part, readImage)));
  return { type: "message", id: `msg_${uuidV7()}`, role: "user", content: parts };
}

async function partOf(input: UserInput, readImage: ReadImage): Promise<Readonly<Record<string, unknown>>> {
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
        return { type: "input_image", image_url: await readImage(path), detail: "high" };
      } catch (error) {
        return text(`[the image ${path} could not be read: ${error instanceof Error ? error.message : String(error)}]`);
      }
    }
    case "skill":
    case "mention":
      return text(`[${input.type} ${String(input.name)}: ${String(input.path)}]`);
    default:
      return text(`[input of the kind ${input.type}, which can not be passed on]`);
  }
}

function text(value: string): Readonly<Record<string, unknown>> {
  return { type: "input_text", text: value };
}
