import { createHash } from "node:crypto";
import type { Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** The behavior of a server of one file; tests change it between calls. */
export interface Served {
  content: Buffer;
  /** Closes the connection after this many bytes of a response. */
  cutAfter?: number | undefined;
  ignoresRange?: boolean;
  ignoresCondition?: boolean;
  etag?: string | null;
  status?: number;
  /** Waits between pieces, so that a download can be interrupted. */
  slowly?: boolean;
}

export interface Request {
  readonly path: string;
  readonly range: string | undefined;
  sent: number;
}

/** Starts a local server that serves one file under every path. The caller must close it. */
export async function serve(
  served: Served,
): Promise<{ url: string; requests: Request[]; close: () => void; server: Server }> {
  const requests: Request[] = [];
  const server = createServer(async (asked, answer) => {
    const { content, cutAfter, ignoresRange, ignoresCondition, status, slowly } = served;
    const etag =
      served.etag === undefined ? `"${createHash("md5").update(content).digest("hex")}"` : served.etag;
    const request: Request = { path: asked.url ?? "", range: asked.headers.range, sent: 0 };
    requests.push(request);
    if (status !== undefined) return answer.writeHead(status).end();
    const condition = asked.headers["if-range"];
    const isSame = condition === undefined || condition === etag || ignoresCondition === true;
    const start =
      !ignoresRange && isSame ? Number(/^bytes=(\d+)-$/.exec(asked.headers.range ?? "")?.[1] ?? 0) : 0;
    const headers: Record<string, string> = etag === null ? {} : { etag };
    if (start >= content.length && start > 0) {
      return answer.writeHead(416, { ...headers, "content-range": `bytes */${content.length}` }).end();
    }
    const body = content.subarray(start);
    const range = `bytes ${start}-${content.length - 1}/${content.length}`;
    answer.writeHead(start > 0 ? 206 : 200, {
      ...headers,
      "content-length": String(body.length),
      ...(start > 0 && { "content-range": range }),
    });
    const end = Math.min(body.length, cutAfter ?? body.length);
    for (let at = 0; at < end && !answer.destroyed; at += 4096) {
      const piece = body.subarray(at, Math.min(end, at + 4096));
      await new Promise((resolve) => answer.write(piece, resolve));
      request.sent += piece.length;
      if (slowly) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    if (end < body.length) setTimeout(() => answer.destroy(), 200);
    else answer.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/weights.pth`;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url, requests, close, server };
}
