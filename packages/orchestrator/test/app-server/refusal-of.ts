import { isRemoteError } from "@holdfast/rpc";

/** How a call was refused. */
export async function refusalOf(call: Promise<unknown>): Promise<{ readonly code: number; readonly message: string }> {
  try {
    const result = await call;
    throw new Error(`it was answered: ${JSON.stringify(result)}`);
  } catch (error) {
    if (!isRemoteError(error)) throw error;
    const { code, message } = error;
    return { code, message };
  }
}
