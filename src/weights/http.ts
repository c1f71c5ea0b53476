import type { Dispatcher, Response } from "undici";
import { Agent, fetch, ProxyAgent } from "undici";

const TIMEOUTS = { connect: { timeout: 20_000 }, headersTimeout: 60_000, bodyTimeout: 60_000 };

/** Asks for a file as it is, by way of the environment's proxy; a server that says nothing for a minute has failed. */
export async function get(
  url: string,
  headers: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<{ response: Response; close: () => Promise<void> }> {
  const dispatcher = dispatcherFor(new URL(url));
  const close = () => dispatcher.destroy();
  try {
    const response = await fetch(url, {
      headers: { "accept-encoding": "identity", ...headers },
      dispatcher,
      ...(signal && { signal }),
    });
    return { response, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function dispatcherFor(url: URL): Dispatcher {
  const proxy = proxyFor(url);
  return proxy === undefined ? new Agent(TIMEOUTS) : new ProxyAgent({ uri: proxy, ...TIMEOUTS });
}

/** https_proxy, http_proxy and no_proxy, in either case, as curl reads them. */
function proxyFor({ protocol, hostname }: URL): string | undefined {
  const setting = (name: string) => process.env[name] || process.env[name.toUpperCase()] || undefined;
  const exempt = (setting("no_proxy") ?? "").split(/[\s,]+/).filter((entry) => entry !== "");
  const isExempt = exempt.some((entry) => {
    const domain = entry.replace(/^\*?\./, "").replace(/:\d+$/, "");
    return entry === "*" || hostname === domain || hostname.endsWith(`.${domain}`);
  });
  return isExempt ? undefined : setting(protocol === "https:" ? "https_proxy" : "http_proxy");
}

/** Why a request failed, in the words of the system rather than of the client. */
export function reasonOf(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== undefined && code in REASONS) return `${REASONS[code]} (${code})`;
    if (!(cause.cause instanceof Error))
      return code === undefined ? cause.message : `${cause.message} (${code})`;
  }
  return String(error);
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing answers there",
  ECONNRESET: "the connection broke off",
  ENOTFOUND: "that host is not known here: is there a network?",
  EAI_AGAIN: "that host is not known here: is there a network?",
  ENETUNREACH: "there is no network",
  ENOSPC: "no space is left on the disk",
  EDQUOT: "the disk quota is used up",
  EACCES: "the folder may not be written to",
  EROFS: "the folder may not be written to",
  UND_ERR_SOCKET: "the connection broke off",
  UND_ERR_BODY_TIMEOUT: "no data came for a minute",
  UND_ERR_HEADERS_TIMEOUT: "no answer came for a minute",
  UND_ERR_CONNECT_TIMEOUT: "nothing answers there",
};
