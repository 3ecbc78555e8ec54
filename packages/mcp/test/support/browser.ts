/** Redirects and forms that a login takes, and some. */
const STEPS_MAX = 20;

/**
 * What a user does with an authorization URL: signs in, consents, and is sent back.
 *
 * @returns Where the user is sent back to; not fetched yet.
 */
export async function signIn(authorizationUrl: string | URL, redirectPrefix: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let url = new URL(authorizationUrl);
  let form: URLSearchParams | undefined;
  for (let step = 0; step < STEPS_MAX; step += 1) {
    if (url.href.startsWith(redirectPrefix)) return url;
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, {
      redirect: "manual",
      headers: { cookie },
      ...(form === undefined ? {} : { method: "POST", body: form }),
    });
    for (const each of response.headers.getSetCookie()) {
      const [pair = ""] = each.split(";");
      cookies.set(pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1));
    }
    const text = await response.text();
    const location = response.headers.get("location");
    if (location !== null) {
      url = new URL(location, url);
      form = undefined;
      continue;
    }
    const action = /<form[^>]*action="([^"]+)"/.exec(text)?.[1];
    if (action === undefined) throw new Error(`no form at ${url}: ${response.status} ${text.slice(0, 500)}`);
    url = new URL(action, url);
    const prompt = /name="prompt" value="([^"]+)"/.exec(text)?.[1] ?? "login";
    form = new URLSearchParams({ prompt, login: "me", password: "secret" });
  }
  throw new Error(`not sent back after ${STEPS_MAX} steps: ${url}`);
}
