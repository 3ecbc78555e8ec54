import { connectAppServer } from "@holdfast/app-server-client";

/** What a page does with an app server. Gives what it saw, for comparison. */
export async function useAppServer(url: string, folder: string): Promise<Record<string, unknown>> {
  const codex = await connectAppServer(url, {
    clientInfo: { name: "page", version: "1" },
    handlers: { "item/fileChange/requestApproval": () => ({ decision: "accept" }) },
  });
  const reader = codex.notices("command/exec/outputDelta");
  const ran = codex.command.exec({
    command: ["sh", "-c", 'printf "grün"; exit 3'],
    processId: "p",
    streamStdoutStderr: true,
    sandboxPolicy: { type: "dangerFullAccess" },
  });
  const { value } = await reader.next();
  const { exitCode } = await ran;
  const path = `${folder}/text`;
  await codex.fs.writeFile({ path, dataBase64: btoa("written") });
  const { dataBase64 } = await codex.fs.readFile({ path });
  const wrong = await codex.command.exec({ command: [] }).catch((error: Error & { code?: number }) => error.code);
  const pipes = await connectAppServer({ command: "codex" }).catch((error: Error) => error.message);
  const header = await connectAppServer(url, { headers: { authorization: "Bearer x" } }).catch(
    (error: Error) => error.message,
  );
  await codex.close();
  return {
    server: codex.serverInfo.platformOs,
    said: new TextDecoder().decode(
      Uint8Array.from(atob(value?.params.deltaBase64 ?? ""), (each) => each.charCodeAt(0)),
    ),
    exitCode,
    back: atob(dataBase64),
    wrong,
    pipes: /can not start|cannot start|no programs/.test(String(pipes)),
    header: /a browser sends no headers/.test(String(header)),
    state: codex.state,
  };
}
