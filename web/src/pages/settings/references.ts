import { Problem } from "~/api/problem";

/** Reference contrasts by number of layers, as 2DMatGMM and A2D keep them. */
export type References = Record<string, unknown>;

/** The document in a file. What the numbers must be the service says; this tells wrong files. */
export function readReferences(text: string): References {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw new Problem("Not a file of contrasts", "The file is not JSON.", 422);
  }
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    throw new Problem(
      "Not a file of contrasts",
      "It must be an object with one entry per number of layers, as 2DMatGMM and A2D write it.",
      422,
    );
  }
  return document as References;
}

/** "1, 2, 3": the numbers of layers that somebody measured. */
export function layersOf(references: References): string {
  return Object.keys(references).join(", ") || "none";
}
