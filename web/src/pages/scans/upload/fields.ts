/** What may be said about a scan that is brought in, as it is typed. */
import type { Fields } from "~/pages/scans/upload/wire";
import { readNumber } from "~/parts/NumberField";

export interface Said {
  name: string;
  um_per_px: string;
  oxide_nm: string;
  material: string;
  substrate: string;
  learnsLight: boolean;
  flip_x: boolean;
  flip_y: boolean;
  swap_xy: boolean;
  again: boolean;
}

export const NOTHING_SAID: Said = {
  name: "",
  um_per_px: "",
  oxide_nm: "",
  material: "",
  substrate: "",
  learnsLight: false,
  flip_x: false,
  flip_y: false,
  swap_xy: false,
  again: false,
};

/** What is wrong with what was typed; null where nothing is. */
export function whyNot(said: Said): string | null {
  if (readNumber(said.um_per_px) === undefined) return "The scale must be a number above 0.";
  if (readNumber(said.oxide_nm) === undefined) return "The oxide must be a number above 0.";
  return null;
}

/** Only what was said: what is left out, the files are asked for. */
export function fieldsOf(said: Said): Fields {
  return {
    ...(said.name.trim() && { name: said.name.trim() }),
    ...given("um_per_px", readNumber(said.um_per_px)),
    ...given("oxide_nm", readNumber(said.oxide_nm)),
    ...(said.material.trim() && { material: said.material.trim() }),
    ...(said.substrate && { substrate_id: Number(said.substrate) }),
    ...(said.learnsLight && { flat_field: "auto" as const }),
    ...(said.flip_x && { flip_x: true }),
    ...(said.flip_y && { flip_y: true }),
    ...(said.swap_xy && { swap_xy: true }),
    ...(said.again && { again: true }),
  };
}

function given(name: "um_per_px" | "oxide_nm", value: number | null | undefined): Fields {
  return value == null ? {} : { [name]: value };
}
