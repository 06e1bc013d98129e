import type { Schemas } from "~/api/client";
import { count, layers, p, percent, um2 } from "~/parts/format";
import type { Flake, Label, Review } from "./desk";

/** What the page says about verdicts, reasons and optics. */

type Optics = Schemas["FlakeOptics"];
export type Reason = Schemas["WorthReviewing"]["reasons"][number];

const LABELS: Record<Label, string> = {
  graphene: "graphene",
  not_graphene: "not graphene",
  unsure: "unsure",
};

/** "graphene, 2 layers". */
export function verdictWords(said: Pick<Review, "label" | "layers">): string {
  const word = LABELS[said.label];
  return said.layers === null ? word : `${word}, ${layers(said.layers)}`;
}

/** "Flake 17: not graphene." */
export function saidWords(
  ids: readonly number[],
  verdict: Pick<Review, "label" | "layers">,
): string {
  return `${flakesWords(ids)}: ${verdictWords(verdict)}.`;
}

/** "Undone: flake 17." */
export function undoneWords(ids: readonly number[], kept: readonly number[]): string {
  const undone = ids.length ? `Undone: ${flakesWords(ids).toLowerCase()}.` : "Nothing was undone.";
  if (!kept.length) return undone;
  const whose = kept.length === 1 ? "was" : "were";
  return `${undone} ${flakesWords(kept)} ${whose} reviewed again since and stayed.`;
}

export function flakesWords(ids: readonly number[]): string {
  return ids.length === 1 ? `Flake ${ids[0]}` : `${count(ids.length)} flakes`;
}

/** Why the queue asks for a flake, in one line. */
export function reasonWords(reason: Reason, flake: Flake): string {
  if (reason === "near_threshold") {
    return `the network is unsure: p ${p(flake.p_graphene)} at a threshold of ${p(flake.threshold)}`;
  }
  if (reason === "new_substrate") return "nothing on such an oxide was reviewed yet";
  return flake.is_graphene
    ? "the network says graphene, its colour says not 1 to 4 layers"
    : `its colour says ${layers(flake.layers)}, the network says not graphene`;
}

/** The same in a word or two, for a small card; what holds for a whole scan is only said alone. */
export function badgesOf(reasons: readonly Reason[]): string[] {
  const badges: string[] = [];
  if (reasons.includes("near_threshold")) badges.push("network unsure");
  if (reasons.includes("optics_disagree")) badges.push("colour disagrees");
  if (badges.length === 0 && reasons.includes("new_substrate")) badges.push("new oxide");
  return badges;
}

const OXIDES: Record<NonNullable<Optics["oxide"]>["source"], string> = {
  scan: "given with the scan",
  substrate: "given with the substrate",
  estimated: "estimated from this scan's own flakes",
  usual: "nobody gave it: the most likely of the usual wafers",
};

/** The oxide and who says so. */
export function oxideWords({ oxide, substrate }: Optics): string {
  const measured = substrate ? `Contrasts measured on "${substrate}". ` : "";
  if (!oxide) return `${measured}Oxide unknown.`;
  const thickness = `${oxide.oxide_nm.toFixed(1)} \u00b1 ${oxide.sigma_nm.toFixed(1)} nm`;
  return `${measured}Oxide ${thickness}, ${OXIDES[oxide.source]}.`;
}

/**
 * What the colour alone says, the likeliest first; what is below 1 % is left out. Where that is
 * another number than the one that counts, it says so.
 */
export function probabilityWords({ probability, p_other }: Optics, counts: number | null): string {
  const other = { p: p_other, words: "something else (thicker, or no graphite)" };
  const all = [...probability.map((one) => ({ p: one.p, words: layers(one.layers) })), other];
  const likely = all.filter((one) => one.p >= 0.01).sort((a, b) => b.p - a.p);
  if (!likely.length) return "The colour says nothing.";
  const [first] = likely;
  const own = counts === null ? null : layers(counts);
  const isOther = own !== null && first?.words !== own;
  return `${isOther ? "Its colour alone would rather say" : "By its colour"}: ${likely.map((one) => `${one.words} ${percent(one.p, 0)}`).join(", ")}.`;
}

/** A flake for who hears the page. */
export function flakeWords(flake: Flake, review: Review | null): string {
  const said = review ? verdictWords(review) : "not reviewed";
  const seen = flake.layers === null ? "layers unknown" : layers(flake.layers);
  const area = flake.area_um2 === null ? "area unknown" : um2(flake.area_um2);
  return `Flake ${flake.id}, p ${p(flake.p_graphene)}, ${area}, ${seen}, ${said}`;
}

/** A contrast with its sign: "-0.137". */
export function contrast(value: number): string {
  return `${value < 0 ? "\u2212" : "+"}${Math.abs(value).toFixed(3)}`;
}
