/** The calls of an upload. */
import { api, got, type Schemas, urlOf } from "~/api/client";
import { asProblem, Problem, problemOf } from "~/api/problem";

export type Upload = Schemas["Upload"];
export type Fields = Partial<Omit<Schemas["NewUpload"], "filename" | "size_bytes" | "key">>;

export interface Announced {
  filename: string;
  size_bytes: number;
  key: string;
}

/** What a sender asks of the service; a test passes its own. */
export interface Wire {
  open(upload: Announced & Fields): Promise<Upload>;
  look(id: string): Promise<Upload>;
  put(id: string, offset: number, piece: Blob, signal: AbortSignal): Promise<Upload>;
  complete(id: string): Promise<Schemas["Scan"]>;
  discard(id: string): Promise<unknown>;
}

export const WIRE: Wire = {
  // What is left out, the files are asked for: the type names defaults that must not be sent.
  open: (upload) => got(api.POST("/v1/scans/uploads", { body: upload as Schemas["NewUpload"] })),
  look: (upload_id) =>
    got(api.GET("/v1/scans/uploads/{upload_id}", { params: { path: { upload_id } } })),
  complete: (upload_id) =>
    got(api.POST("/v1/scans/uploads/{upload_id}/complete", { params: { path: { upload_id } } })),
  discard: (upload_id) =>
    got(api.DELETE("/v1/scans/uploads/{upload_id}", { params: { path: { upload_id } } })),
  put: putPiece,
};

async function putPiece(id: string, offset: number, piece: Blob, signal: AbortSignal) {
  const headers = { "Content-Type": "application/octet-stream" };
  let answer: Response;
  let body: unknown;
  try {
    const address = urlOf(`/v1/scans/uploads/${id}`, { offset });
    answer = await fetch(address, { method: "PUT", body: piece, headers, signal });
    body = await answer.json();
  } catch (error) {
    if (signal.aborted) throw new Problem("Cancelled", "", CANCELLED);
    throw asProblem(error);
  }
  if (!answer.ok) throw problemOf(body, answer.status);
  return body as Upload;
}

/** The status of a problem that is the person's own wish. */
export const CANCELLED = -1;
