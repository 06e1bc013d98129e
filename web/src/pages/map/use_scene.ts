/** Brings to the map what the page knows: flakes, layers, marks, where to look. */
import { useEffect, useRef } from "preact/hooks";
import type { Board } from "~/pages/map/board";
import type { Marked } from "~/pages/map/marked";
import type { Outlines } from "~/pages/map/outlines";
import type { MapPlace } from "~/pages/map/place";
import { nearness, rowOf, stageOf } from "~/pages/map/rows";
import type { Box, ChipMap, MapFlakes } from "~/pages/map/types";
import type { Asked } from "~/pages/map/use_place";

interface Known {
  board: Board | undefined;
  chip: ChipMap;
  found: MapFlakes | undefined;
  rows: readonly number[];
  outlines: Outlines;
  place: MapPlace;
  pointed: number | undefined;
  failed: readonly Box[];
  drifted: readonly Box[];
  asked: () => Asked | undefined;
}

export function useScene(known: Known): void {
  const { board, chip, found, rows, outlines, place, pointed, failed, drifted } = known;
  const { colourBy, flake, hidden, isTurned } = place;
  const hasLabels = !hidden.includes("labels");
  useSight(known);

  useEffect(() => {
    if (board && found) {
      board.flakes.set({ flakes: found, rows, outlines, colourBy, sign: board.sign, hasLabels });
    }
  }, [board, found, rows, outlines, colourBy, hasLabels]);

  useEffect(() => {
    for (const layer of ["tiles", "outlines", "failed"] as const) {
      board?.show(layer, !hidden.includes(layer));
    }
  }, [board, hidden]);

  useEffect(
    () => board?.turn(isTurned ? chip.camera_turn_deg : 0),
    [board, isTurned, chip.camera_turn_deg],
  );

  useEffect(() => {
    const at = found && rowOf(found, flake);
    board?.marks.choose(markedOf(found, at, outlines));
  }, [board, found, flake, outlines]);

  useEffect(
    () => board?.marks.point(markedOf(found, pointed, outlines)),
    [board, found, pointed, outlines],
  );

  useEffect(() => board?.marks.showFailed(failed), [board, failed]);
  useEffect(() => board?.marks.showDrifted(drifted), [board, drifted]);
}

/** Go where a new address asks: to its view, or to its flake. At first, where it asks for neither, to the whole. */
function useSight({ board, chip, found, asked }: Known): void {
  const hasLooked = useRef<Board | undefined>(undefined);
  const wanted = useRef<number | null>(null);
  useEffect(() => {
    if (!board) return;
    const wish = asked();
    if (wish) wanted.current = wish.sight ? null : wish.flake;
    if (wish?.sight) board.look(wish.sight);
    else if (hasLooked.current !== board) board.lookAtAll();
    hasLooked.current = board;
  });
  // A flake waits until the flakes have come.
  useEffect(() => {
    const at = found && rowOf(found, wanted.current);
    if (!board || !found) return;
    wanted.current = null;
    if (at !== undefined) board.fly(stageOf(found, at), nearness(found, at, chip));
  });
}

function markedOf(
  flakes: MapFlakes | undefined,
  at: number | undefined,
  outlines: Outlines,
): Marked | undefined {
  if (!flakes || at === undefined) return undefined;
  return { centre: stageOf(flakes, at), outline: outlines.get(flakes.id[at] ?? -1) };
}
